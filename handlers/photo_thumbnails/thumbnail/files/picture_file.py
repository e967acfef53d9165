"""PictureFile: a reduced file, and what its removed parts said."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..failure import Failure

_MAX_PARTS = 100_000
"""Maximum number of segments, chunks or blocks. A PNG of 100 MiB in chunks of 1 KiB has as many."""


@dataclass(frozen=True)
class PictureFile:
    """A file that has only the parts that thumbnails need."""

    format: str
    """As Pillow names it."""
    content: bytes
    exif: bytes = b""
    """The Exif metadata, if any."""
    scans: int = 0
    """Number of scans of a JPEG whose decoder keeps all coefficients until the last one: each is a
    pass over all of them. 0 if it decodes as it reads."""
    row_bytes: int = 0
    """Size of a row in bytes, as a PNG stores it."""
    transparent: tuple[int, ...] = ()
    """The one color of a PNG that is transparent, as Pillow decodes its pixels: one value of a gray
    picture, three of RGB. Empty if there is none."""
    profile: bytes | None = None
    """The color profile of a PNG; None if Pillow reads it from the file."""


def limited(parts: Iterator[tuple[int, memoryview]]) -> Iterator[tuple[int, memoryview]]:
    """Yield parts of a file, but not without end."""
    for number, part in enumerate(parts):
        if number == _MAX_PARTS:
            raise Failure("Unreadable", "The file has more parts than any program writes.")
        yield part
