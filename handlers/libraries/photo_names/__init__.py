"""Where a photo's thumbnails, state and gallery entry lie: names that follow from the photo alone.

photo = photo_id("uploads/cat photo.jpg")
"img/<photo>/<version>/512.webp"  # a rendition: never another picture below the same name
"photos/<photo>.json"             # what became of the photo: `ready` or `failed`
"failures/<photo>.json"           # the same again, of those that failed
"gallery/<entry>"                 # nothing in it: its name says all, and sorts newest first
"""

import hashlib
import re
from dataclasses import dataclass

__all__ = ["FAILURES", "GALLERY", "MEDIA_TYPES", "PHOTOS", "Entry", "fit", "photo_id"]

PHOTOS, FAILURES, GALLERY = "photos/", "failures/", "gallery/"
MEDIA_TYPES = {
    "avif": "image/avif",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
"""Media type of a rendition by the end of its name."""

_LAST_MILLISECOND = 10**13 - 1
_ENTRY = re.compile(
    r"(?P<countdown>\d{13})-(?P<photo>[0-9a-f]{32})-(?P<version>[0-9a-f]{16})"
    r"-(?P<width>[1-9]\d{0,6})x(?P<height>[1-9]\d{0,6})"
    r"-(?P<sizes>\d+(\.\d+)*)-(?P<formats>[a-z]+(\.[a-z]+)*)"
)


def photo_id(key: str) -> str:
    """The ID of the photo that was uploaded under `key`, whatever characters that has."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """The largest size of the same shape within a square of `side`; never larger than it is."""
    factor = min(1.0, side / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


@dataclass(frozen=True)
class Entry:
    """A photo in the gallery, by the name of its object there."""

    photo: str
    """Its ID."""
    version: str
    """Which content of it, made how."""
    uploaded_ms: int
    """When, in milliseconds since 1970."""
    width: int
    """Of the photo itself, upright."""
    height: int
    sizes: tuple[int, ...]
    """Sides of its thumbnails' squares."""
    formats: tuple[str, ...]
    """Ends of their names: `("webp", "jpg")`."""

    @property
    def name(self) -> str:
        """The younger, the earlier it sorts."""
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
        """Key of a rendition, below the images' prefix."""
        return f"{self.photo}/{self.version}/{size}.{ending}"

    @classmethod
    def parse(cls, name: str) -> "Entry | None":
        """Read a name; None when it is none of ours."""
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
