"""Memory that decoding a picture takes, from its header: decompression bombs are refused.

Peaks were measured with Pillow 13; `tests/handlers/photo_thumbnails/test_memory.py` measures again.
"""

from typing import TYPE_CHECKING

from .failure import Failure

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 500_000_000
"""Of any picture: where memory is no limit (a JPEG decodes at an eighth of its size), time is."""
_MOST_SCANS = 64
"""Of a progressive JPEG. Cameras and editors write about ten; each is a pass over all pixels."""
_RUNTIME_MIB = 200
"""Python, boto3, Pillow and the thumbnails themselves."""
_WEBP_BYTES = 17
"""A pixel of a WebP: its decoder holds the canvas of an animation besides the picture."""
_STORED_BYTES = {"1": 1, "L": 1, "P": 1, "LA": 4, "PA": 4, "I;16": 2}
"""A decoded pixel by Pillow's mode; four in all others, RGB among them."""
_CONVERTED_BYTES = {"1": 1, "P": 8, "PA": 8, "LA": 4, "RGBA": 4, "I;16": 3, "I": 5}
"""What the copies take besides that `pixels.resizable` makes of a whole picture."""


def check(image: "Image", stored: tuple[int, int], content: bytes, memory_mib: int) -> None:
    """Refuse a picture that a function of `memory_mib` cannot hold, or that would take for ever.

    Args:
        image: opened and not loaded; its size is what the decoder will give.
        stored: width and height of the picture in the file.
        content: the file.
        memory_mib: of the function.

    Raises:
        Failure: TooManyPixels, or Unreadable for a JPEG that no program writes.
    """
    width, height = stored
    if width * height > MOST_PIXELS:
        raise Failure(
            "TooManyPixels",
            f"The picture has {width} x {height} pixels; at most {MOST_PIXELS // 10**6} million "
            "are possible.",
        )
    # In a JPEG's data FF is always followed by 00, so that these two bytes are markers.
    if _is_progressive(image) and content.count(b"\xff\xda") > _MOST_SCANS:
        raise Failure("Unreadable", "The picture is stored in more passes than any program writes.")
    needed = _needed(image, stored) + 2 * len(content)
    free = (memory_mib - _RUNTIME_MIB) * 1024 * 1024
    if needed > free:
        raise Failure(
            "TooManyPixels",
            f"The picture has {width} x {height} pixels, stored as {image.format}; decoding it "
            f"takes {needed >> 20} MiB, and {max(0, free) >> 20} MiB are there.",
        )


def _needed(image: "Image", stored: tuple[int, int]) -> int:
    """Bytes that are held at the worst moment."""
    pixels, whole = image.size[0] * image.size[1], stored[0] * stored[1]
    if image.format == "WEBP":
        return whole * _WEBP_BYTES
    one_colour_is_transparent = image.mode in ("RGB", "L") and "transparency" in image.info
    converted = 8 if one_colour_is_transparent else _CONVERTED_BYTES.get(image.mode, 0)
    held = _STORED_BYTES.get(image.mode, 4) + converted
    if not _is_progressive(image):
        return pixels * held
    return pixels * held + int(whole * _coefficient_bytes(image))


def _is_progressive(image: "Image") -> bool:
    return bool(image.info.get("progressive"))


def _coefficient_bytes(image: "Image") -> float:
    """A progressive JPEG is held whole, two bytes for each sample, before its pixels are made."""
    layers: list[tuple[int, int, int, int]] = image.layer  # type: ignore[attr-defined]
    samples = [across * down for _, across, down, _ in layers]
    return 2 * sum(samples) / max(samples)
