"""Reduces a file to the parts that thumbnails need, before Pillow opens it.

Pillow reads all metadata of a file as it opens it: Exif in many segments takes time that grows
with the square of their number, and a million empty segments or comments take memory that no header
tells. Here each part is looked at once, and only pixels, colors and transparency are left.
"""

from . import gif, jpeg, png, webp
from .picture_file import PictureFile
from .profile import MAX_PROFILE_BYTES

__all__ = ["FORMATS", "MAX_PROFILE_BYTES", "PictureFile", "reduce"]

_READERS = {"JPEG": jpeg, "PNG": png, "WEBP": webp, "GIF": gif}
FORMATS = tuple(_READERS)
"""Accepted formats, by content. Each further decoder would add attack surface."""


def reduce(content: bytes) -> PictureFile | None:
    """Return the file without the parts that are not needed; None if it has another format.

    What is broken is left for the decoder to find.

    Raises:
        Failure: Unreadable, since the file has more parts than any program writes.
    """
    for reader in _READERS.values():
        if reader.is_format(content):
            file: PictureFile = reader.reduce(content)
            return file
    return None
