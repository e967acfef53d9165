"""Converts pixels of any mode to those that browsers show: sRGB or gray, with or without alpha."""

import io
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image, ImageCms

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsProfile

_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def resizable(image: Image.Image, transparent: tuple[int, ...]) -> Image.Image:
    """Convert a picture to a mode that can be resized.

    Args:
        image: the decoded picture.
        transparent: the one color that is transparent, in the values of its pixels: one value of a
            gray picture, three of RGB; empty if there is none.
    """
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode.startswith("I"):  # 16 bits; converting clips at 255
        opaque = _differs(image, transparent[0]) if transparent else None
        image = image.point(lambda value: value / 256, None).convert("L")
        if opaque:
            image = Image.merge("LA", (image, opaque))
    elif image.mode in ("1", "L", "RGB"):
        image = image.convert("L") if image.mode == "1" else image
        if transparent:
            image.info["transparency"] = transparent if image.mode == "RGB" else transparent[0]
            image = image.convert("RGBA" if image.mode == "RGB" else "LA")
    # Premultiplied alpha, so that transparent pixels do not color their neighbors.
    premultiplied = {"RGBA": "RGBa", "LA": "La"}.get(image.mode)
    return image.convert(premultiplied) if premultiplied else image


def _differs(image: Image.Image, value: int) -> Image.Image:
    """Return 255 where a picture of 16 bits has another value, and 0 elsewhere."""
    table = [255] * 65536
    table[value] = 0
    return image.convert("I").point(table, "L")


def showable(
    image: Image.Image, profile: bytes, keep_color_profile: bool
) -> tuple[Image.Image, bytes]:
    """Convert a resized picture to a mode that all formats support. Return it with its profile."""
    if image.mode in ("RGBa", "La"):
        image = image.convert({"RGBa": "RGBA", "La": "LA"}[image.mode])
    # A CMYK profile does not apply to the converted RGB.
    if profile and not (keep_color_profile and image.mode in ("RGB", "RGBA", "L")):
        image, profile = _srgb(image, profile), b""
    if image.mode == "LA":
        image = image.convert("RGBA")
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGB")
    return image, profile


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert a picture to sRGB by the numbers of its profile, whose name may say anything.

    It is unchanged if the profile is broken, or of other colors than the picture.
    """
    if image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, _srgb_profile(), outputMode=mode)
    except _PROFILE_ERRORS:
        return image
    return image if converted is None else converted


@cache
def _srgb_profile() -> "ImageCmsProfile":
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
