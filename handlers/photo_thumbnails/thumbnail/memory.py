"""Estimates the memory for decoding a picture from its header. Rejects decompression bombs.

Peaks were measured with Pillow 13. `tests/handlers/photo_thumbnails/test_memory.py` checks them.
"""

from typing import TYPE_CHECKING

from .failure import Failure

if TYPE_CHECKING:
    from PIL.Image import Image

    from .files import PictureFile

MAX_PIXELS = 500_000_000
"""Limit of any picture. A JPEG decodes at an eighth of its size, so that time is its limit."""
_MAX_SCANS = 64
"""Limit of a progressive JPEG, or one with scans of single colors. Cameras and editors write about
ten. Each is a pass over all pixels."""
_RUNTIME_MIB = 200
"""Memory of Python, boto3, Pillow and the thumbnails."""
_WEBP_BYTES = 17
"""Bytes per pixel of a WebP. Its decoder also holds the canvas of an animation."""
_STORED_BYTES = {"1": 1, "L": 1, "P": 1, "LA": 4, "PA": 4, "I;16": 2}
"""Bytes per decoded pixel by Pillow mode. Four in other modes, such as RGB."""
_CONVERTED_BYTES = {"1": 1, "P": 8, "PA": 8, "LA": 4, "RGBA": 4, "I;16": 3, "I": 5}
"""Bytes per pixel of the copies that `pixels.resizable` creates."""
_TRANSPARENT_BYTES = {"1": 8, "L": 8, "RGB": 8, "I;16": 9}
"""The same if one color is transparent."""
_ROWS = 2
"""Number of rows that the decoder of a PNG holds beside the picture."""


def check(image: "Image", stored: tuple[int, int], file: "PictureFile", memory_mib: int) -> None:
    """Reject a picture that takes more memory than the function has, or too much time.

    Args:
        image: an opened picture that is not decoded; it has the size that the decoder produces.
        stored: width and height of the picture in the file.
        file: the file.
        memory_mib: memory size of the function.

    Raises:
        Failure: TooManyPixels, or Unreadable for a JPEG that no program writes.
    """
    width, height = stored
    if width * height > MAX_PIXELS:
        raise Failure(
            "TooManyPixels",
            f"The picture has {width} x {height} pixels; at most {MAX_PIXELS // 10**6} million "
            "are possible.",
        )
    if file.scans > _MAX_SCANS:
        raise Failure("Unreadable", "The picture is stored in more passes than any program writes.")
    needed = needed_bytes(image, stored, file) + 2 * len(file.content)
    free = (memory_mib - _RUNTIME_MIB) * 1024 * 1024
    if needed > free:
        raise Failure(
            "TooManyPixels",
            f"The picture has {width} x {height} pixels, stored as {image.format}; decoding it "
            f"takes {needed >> 20} MiB, and {max(0, free) >> 20} MiB are available.",
        )


def needed_bytes(image: "Image", stored: tuple[int, int], file: "PictureFile") -> int:
    """Return the peak memory for the pixels in bytes."""
    pixels, whole = image.size[0] * image.size[1], stored[0] * stored[1]
    if image.format == "WEBP":
        return whole * _WEBP_BYTES
    held = _STORED_BYTES.get(image.mode, 4)
    if file.transparent:
        held += _TRANSPARENT_BYTES.get(image.mode, 9)
    else:
        held += _CONVERTED_BYTES.get(image.mode, 0)
    kept = int(whole * _coefficient_bytes(image)) if file.scans else 0
    return pixels * held + kept + _ROWS * file.row_bytes


def _coefficient_bytes(image: "Image") -> float:
    """Return the bytes per pixel of a JPEG's coefficients: two bytes per sample."""
    layers: list[tuple[int, int, int, int]] = image.layer  # type: ignore[attr-defined]
    across, down = (max(layer[place] for layer in layers) for place in (1, 2))
    return 2 * sum(layer[1] * layer[2] for layer in layers) / (across * down)
