"""From an uploaded file to thumbnails; nothing here knows of AWS.

JPEGs are decoded at the smallest scale that still holds the largest thumbnail, which is what makes
this as fast as libvips; each smaller thumbnail is made of the one before.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from photo_names import fit
from PIL import Image, UnidentifiedImageError

from . import memory, pixels
from .failure import Failure

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""What is accepted, whatever the file is called; any further decoder is one more to attack."""
_FAMILIES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "GIF": "png", "WEBP": "webp"}
"""What `original` means for a photo of a format."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_GAP = 1.5
"""How much larger than wanted a picture may be before the costly filter sees it."""

# `memory.check` asks more closely; this is for decoders that ask only Pillow.
Image.MAX_IMAGE_PIXELS = memory.MOST_PIXELS


@dataclass(frozen=True)
class Look:
    """What thumbnails look like."""

    sizes: tuple[int, ...]
    """Sides of the squares that they fit in."""
    formats: tuple[str, ...]
    """`webp`, `jpg`, `png`, `avif`, or `original` for the family of the photo's own format."""
    quality: int
    """1 to 100; PNG has none."""
    keep_color_profile: bool
    """Whether colours stay as they are, with their profile, or become sRGB."""


@dataclass(frozen=True)
class Rendition:
    """One thumbnail."""

    size: int
    ending: str
    content: bytes


@dataclass(frozen=True)
class Photo:
    """A photo that was read: its upright size, and its thumbnails, the largest size first."""

    width: int
    height: int
    formats: tuple[str, ...]
    thumbnails: tuple[tuple[int, Image.Image], ...]
    profile: bytes
    quality: int

    def renditions(self) -> Iterator[Rendition]:
        """Each thumbnail in each format."""
        for size, image in self.thumbnails:
            for ending in self.formats:
                yield Rendition(size, ending, encode(image, ending, self.quality, self.profile))


def read(content: bytes, look: Look, memory_mib: int) -> Photo:
    """Decode a file.

    Args:
        content: the file.
        look: what is wanted of it.
        memory_mib: of the function.

    Raises:
        Failure: it is no picture of a format that is accepted, broken, or too large.
    """
    image = _open(content)
    family, stored, largest = _FAMILIES[str(image.format)], image.size, max(look.sizes)
    image.draft(None, fit(*stored, largest))
    memory.check(image, stored, content, memory_mib)
    try:
        image.load()
    except Exception as error:  # of many kinds, and each means that the file is broken
        raise _unreadable(error) from None
    turn, profile = _turn(image), image.info.get("icc_profile") or b""
    image = _resized(pixels.resizable(image), fit(*stored, largest))
    image, profile = pixels.showable(image, profile, look.keep_color_profile)
    if turn in _TURNS:
        image = image.transpose(_TURNS[turn])
    width, height = stored[::-1] if turn in _SIDEWAYS else stored
    image.info = {}  # no comment, no location, no serial number
    formats = tuple(dict.fromkeys(family if each == "original" else each for each in look.formats))
    thumbnails = tuple(_smaller_and_smaller(image, (width, height), look.sizes))
    return Photo(width, height, formats, thumbnails, profile, look.quality)


def encode(image: Image.Image, ending: str, quality: int, profile: bytes) -> bytes:
    """A picture as a file without metadata."""
    out = io.BytesIO()
    if ending == "jpg" and image.mode == "RGBA":
        image = _on_white(image)
    match ending:
        case "webp":
            # Beyond method 2 a thumbnail takes a quarter longer for a tenth less bytes.
            image.save(out, "WEBP", quality=quality, method=2, icc_profile=profile)
        case "avif":
            image.save(out, "AVIF", quality=quality, speed=8, icc_profile=profile)
        case "png":
            image.save(out, "PNG", icc_profile=profile)
        case _:
            image.save(out, "JPEG", quality=quality, icc_profile=profile)
    return out.getvalue()


def _open(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        raise Failure(
            "NotAPicture", f"The file is not one of {', '.join(FORMATS)}, whatever its name says."
        ) from None
    except Image.DecompressionBombError:
        most = f"{memory.MOST_PIXELS // 10**6} million"
        raise Failure("TooManyPixels", f"The picture has more than {most} pixels.") from None
    except Exception as error:
        raise _unreadable(error) from None


def _turn(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # broken metadata of a picture that may be fine
        return 1


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=_GAP)


def _smaller_and_smaller(
    image: Image.Image, full: tuple[int, int], sizes: tuple[int, ...]
) -> Iterator[tuple[int, Image.Image]]:
    for size in sorted(sizes, reverse=True):
        image = _resized(image, fit(*full, size))
        yield size, image


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _unreadable(error: Exception) -> Failure:
    return Failure("Unreadable", f"The picture is broken or cut off ({type(error).__name__}).")
