"""Converts pixels of any mode to those that browsers show: sRGB or gray, with or without alpha."""

import io
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image, ImageCms

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsProfile

_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def resizable(image: Image.Image) -> Image.Image:
    """Convert a picture to a mode that can be resized."""
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode.startswith("I"):  # 16 bits; converting clips at 255
        image = image.point(lambda value: value / 256, None).convert("L")
    elif image.mode in ("RGB", "L") and "transparency" in image.info:  # one color is transparent
        image = image.convert("RGBA" if image.mode == "RGB" else "LA")
    # Premultiplied alpha, so that transparent pixels do not color their neighbors.
    premultiplied = {"RGBA": "RGBa", "LA": "La"}.get(image.mode)
    return image.convert(premultiplied) if premultiplied else image


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
    """Convert a picture to sRGB. It is unchanged if it is sRGB or its profile is broken."""
    if image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower() and image.mode != "CMYK":
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, _srgb_profile(), outputMode=mode)
    except _PROFILE_ERRORS:
        return image
    return image if converted is None else converted


@cache
def _srgb_profile() -> "ImageCmsProfile":
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
