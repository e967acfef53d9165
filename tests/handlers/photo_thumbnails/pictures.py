"""Generated pictures of every kind."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """Return a picture without symmetry: red at the top left, green on the right, blue below."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (across.transpose(Image.Transpose.FLIP_LEFT_RIGHT), across, down))
    image.paste("red", (0, 0, width // 4, height // 4))
    return image


def file(image: Image.Image, kind: str = "JPEG", **settings: Any) -> bytes:
    """Return the picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **({"quality": 90} if kind in ("JPEG", "WEBP") else {}), **settings)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of a sample, 0 to 255. Transparency is blended with white."""
    one, other = (_on_white(each) for each in (one, other))
    assert one.size == other.size
    pairs = zip(one.tobytes(), other.tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / len(one.tobytes())


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands():
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return white


def with_exif(image: Image.Image, orientation: int) -> bytes:
    """Return a JPEG with the metadata of a phone: orientation, maker, location and comment."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Secret Camera"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    return file(image, exif=exif, comment=b"Secret comment")


def sixteen_bits(image: Image.Image) -> bytes:
    """Return a gray PNG with 16 bits per pixel."""
    wide = image.convert("L").convert("I").point(lambda value: value * 257)
    return file(wide.convert("I;16"), "PNG")


def swapped_profile() -> bytes:
    """Return a profile that swaps red and green, so that ignoring it changes the picture."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, len(profile) - 3):
        tag = bytes(profile[at : at + 4])
        if tag in (b"rXYZ", b"gXYZ"):
            profile[at : at + 4] = b"gXYZ" if tag == b"rXYZ" else b"rXYZ"
    # Change the name too, because a profile named sRGB is treated as sRGB.
    return bytes(profile).replace(b"s\0R\0G\0B", b"t\0e\0s\0t").replace(b"sRGB", b"test")


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that decodes to a huge black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunks + chunk(b"IEND", b"")


def jpeg_of(width: int, height: int) -> bytes:
    """Return a small JPEG whose header has another size."""
    content = bytearray(file(scene(64, 64)))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def webp_of(width: int, height: int) -> bytes:
    """Return a small WebP whose header has another size. Its sides have 14 bits."""
    content = bytearray(file(scene(64, 64), "WEBP"))
    at = content.index(b"\x9d\x01\x2a")
    content[at + 3 : at + 7] = struct.pack("<HH", width, height)
    return bytes(content)
