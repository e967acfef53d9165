"""Converts an uploaded file to thumbnails, without AWS.

JPEGs are decoded at the smallest scale that covers the largest thumbnail, which makes this as fast
as libvips. Each smaller thumbnail is resized from the one before.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from photo_names import fit
from PIL import Image, UnidentifiedImageError

from . import memory, pixels
from .failure import Failure
from .files import FORMATS, MAX_PROFILE_BYTES, PictureFile, reduce
from .orientation import orientation

_FAMILIES = {"JPEG": "jpg", "PNG": "png", "GIF": "png", "WEBP": "webp"}
"""The format that `original` stands for, by format of the photo."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SWAPS_SIDES = (5, 6, 7, 8)
_GAP = 1.5
"""`reducing_gap` of Pillow: how much larger than its new size a picture may reach the filter."""

# `memory.check` is more precise. This limit is for decoders that check only Pillow's.
Image.MAX_IMAGE_PIXELS = memory.MAX_PIXELS


@dataclass(frozen=True)
class ThumbnailOptions:
    """Options of the thumbnails."""

    sizes: tuple[int, ...]
    """Maximum width and height of each thumbnail in pixels."""
    formats: tuple[str, ...]
    """`webp`, `jpg`, `png`, `avif`, or `original` for a format like that of the photo."""
    quality: int
    """1 to 100. PNG ignores it."""
    keep_color_profile: bool
    """Whether to keep the color profile. Otherwise colors are converted to sRGB."""


@dataclass(frozen=True)
class Rendition:
    """One thumbnail."""

    size: int
    ending: str
    content: bytes


@dataclass(frozen=True)
class Photo:
    """A decoded photo: its size after rotation, and its thumbnails, largest first."""

    width: int
    height: int
    formats: tuple[str, ...]
    thumbnails: tuple[tuple[int, Image.Image], ...]
    profile: bytes
    quality: int

    def renditions(self) -> Iterator[Rendition]:
        """Encode and yield each thumbnail in each format."""
        for size, image in self.thumbnails:
            for ending in self.formats:
                yield Rendition(size, ending, encode(image, ending, self.quality, self.profile))


def read(content: bytes, options: ThumbnailOptions, memory_mib: int) -> Photo:
    """Decode a file.

    Args:
        content: the file.
        options: options of the thumbnails.
        memory_mib: memory size of the function.

    Raises:
        Failure: it is not a picture of an accepted format, it is broken, or it is too large.
    """
    file = _reduced(content)
    del content  # the reduced file is a copy
    image = _open(file)
    family, stored, largest = _FAMILIES[file.format], image.size, max(options.sizes)
    turn, profile = orientation(file.exif), _profile(file, image)
    try:
        image.draft(None, fit(*stored, largest))
        memory.check(image, stored, file, memory_mib)
        image.load()
        image = _resized(pixels.resizable(image, file.transparent), fit(*stored, largest))
        image, profile = pixels.showable(image, profile, options.keep_color_profile)
        if turn in _TURNS:
            image = image.transpose(_TURNS[turn])
    except Failure:
        raise
    except Exception as error:  # decoders raise many types, and each means a broken file
        raise _unreadable(error) from None
    width, height = stored[::-1] if turn in _SWAPS_SIDES else stored
    image.info = {}  # removes metadata: comment, location, serial number
    formats = tuple(
        dict.fromkeys(family if each == "original" else each for each in options.formats)
    )
    thumbnails = tuple(_resized_in_steps(image, (width, height), options.sizes))
    return Photo(width, height, formats, thumbnails, profile, options.quality)


def encode(image: Image.Image, ending: str, quality: int, profile: bytes) -> bytes:
    """Encode a picture as a file without metadata."""
    out = io.BytesIO()
    if ending == "jpg" and image.mode == "RGBA":
        image = _on_white(image)
    match ending:
        case "webp":
            # Methods above 2 take 25% longer for 10% fewer bytes.
            image.save(out, "WEBP", quality=quality, method=2, icc_profile=profile)
        case "avif":
            image.save(out, "AVIF", quality=quality, speed=8, icc_profile=profile)
        case "png":
            image.save(out, "PNG", icc_profile=profile)
        case _:
            image.save(out, "JPEG", quality=quality, icc_profile=profile)
    return out.getvalue()


def _reduced(content: bytes) -> PictureFile:
    file = reduce(content)
    if file is None:
        raise _not_a_picture()
    return file


def _open(file: PictureFile) -> Image.Image:
    try:
        return Image.open(io.BytesIO(file.content), formats=[file.format])
    except UnidentifiedImageError:
        raise _not_a_picture() from None
    except Image.DecompressionBombError:
        limit = f"{memory.MAX_PIXELS // 10**6} million"
        raise Failure("TooManyPixels", f"The picture has more than {limit} pixels.") from None
    except Exception as error:
        raise _unreadable(error) from None


def _profile(file: PictureFile, image: Image.Image) -> bytes:
    profile = image.info.get("icc_profile") if file.profile is None else file.profile
    if profile and len(profile) > MAX_PROFILE_BYTES:
        limit = f"{MAX_PROFILE_BYTES // 10**6} million"
        raise Failure("Unreadable", f"The color profile has more than {limit} bytes.")
    return profile or b""


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=_GAP)


def _resized_in_steps(
    image: Image.Image, full: tuple[int, int], sizes: tuple[int, ...]
) -> Iterator[tuple[int, Image.Image]]:
    for size in sorted(sizes, reverse=True):
        image = _resized(image, fit(*full, size))
        yield size, image


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _not_a_picture() -> Failure:
    return Failure(
        "NotAPicture", f"The file is not one of {', '.join(FORMATS)}, whatever its name says."
    )


def _unreadable(error: Exception) -> Failure:
    return Failure("Unreadable", f"The picture is broken or cut off ({type(error).__name__}).")
