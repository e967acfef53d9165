"""Object keys of a photo's thumbnails, state and gallery entry, derived from the photo.

photo = photo_id("uploads/cat photo.jpg")
"img/<photo>/<version>/512.webp"  # a rendition, whose content never changes
"photos/<photo>.json"             # the state of the photo: `ready`, `failed` or `held`
"failures/<photo>.json"           # the same state, only if it is `failed`
"held/<photo>.json"               # the same state, only if it is `held` until it is approved
"attempts/<photo>.json"           # attempts to convert it, while there is no result
"gallery/<entry>"                 # empty: its name has all data, and sorts newest first
"marks/<photo>/<run>/<entry>"     # empty: a run of the function wrote this entry
"""

import hashlib
import re
from dataclasses import dataclass

__all__ = [
    "ATTEMPTS",
    "FAILURES",
    "GALLERY",
    "HELD",
    "MARKS",
    "MEDIA_TYPES",
    "PHOTOS",
    "Entry",
    "fit",
    "photo_id",
]

PHOTOS, FAILURES, GALLERY = "photos/", "failures/", "gallery/"
ATTEMPTS, MARKS, HELD = "attempts/", "marks/", "held/"
MEDIA_TYPES = {
    "avif": "image/avif",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
"""Media type of a rendition by file extension."""

_LAST_MILLISECOND = 10**13 - 1
_ENTRY = re.compile(
    r"(?P<countdown>\d{13})-(?P<photo>[0-9a-f]{32})-(?P<version>[0-9a-f]{16})"
    r"-(?P<width>[1-9]\d{0,6})x(?P<height>[1-9]\d{0,6})"
    r"-(?P<sizes>\d+(\.\d+)*)-(?P<formats>[a-z]+(\.[a-z]+)*)"
)


def photo_id(key: str) -> str:
    """Return the ID of the photo with an object key, which may have any characters."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the largest size with the same proportions within a square, without enlarging."""
    factor = min(1.0, side / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


@dataclass(frozen=True)
class Entry:
    """A photo in the gallery, which is the name of an object."""

    photo: str
    """ID of the photo."""
    version: str
    """ID of its content and of the settings of its thumbnails."""
    uploaded_ms: int
    """Time of the upload in Unix milliseconds."""
    width: int
    """Width and height of the photo after rotation."""
    height: int
    sizes: tuple[int, ...]
    """Maximum width and height of each thumbnail."""
    formats: tuple[str, ...]
    """File extensions of the thumbnails: `("webp", "jpg")`."""

    @property
    def name(self) -> str:
        """The object name. Newer photos sort first."""
        return "-".join(
            (
                f"{_LAST_MILLISECOND - self.uploaded_ms:013d}",
                self.photo,
                self.version,
                f"{self.width}x{self.height}",
                ".".join(map(str, self.sizes)),
                ".".join(self.formats),
            )
        )

    def path(self, size: int, ending: str) -> str:
        """Return the key of a rendition below the prefix of images."""
        return f"{self.photo}/{self.version}/{size}.{ending}"

    @classmethod
    def parse(cls, name: str) -> "Entry | None":
        """Read an object name; None if it is not the name of an entry."""
        found = _ENTRY.fullmatch(name)
        if found is None:
            return None
        return cls(
            found["photo"],
            found["version"],
            _LAST_MILLISECOND - int(found["countdown"]),
            int(found["width"]),
            int(found["height"]),
            tuple(map(int, found["sizes"].split("."))),
            tuple(found["formats"].split(".")),
        )
