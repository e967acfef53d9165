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
    return saved(image, kind, **({"quality": 90} if kind in ("JPEG", "WEBP") else {}), **settings)


def saved(image: Image.Image, kind: str, **settings: Any) -> bytes:
    """Return the picture as a file of the quality that the settings say."""
    out = io.BytesIO()
    image.save(out, kind, **settings)
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


SRGB, P3 = (
    ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
)
"""Red, green and blue of color spaces, as profiles hold them: XYZ under the light D50."""


def profile(colors: tuple[tuple[float, ...], ...] = SRGB, linear: bool = False) -> bytes:
    """Return a profile that is named sRGB, whatever its colors and its curve are."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(content)))
    content[24:36] = bytes(12)  # the time of its creation
    (count,) = struct.unpack_from(">I", content, 128)
    for number in range(count):
        tag, at, _size = struct.unpack_from(">4sII", content, 132 + 12 * number)
        if tag in (b"rXYZ", b"gXYZ", b"bXYZ"):
            values = (round(value * 65536) for value in colors[b"rgb".index(tag[0])])
            struct.pack_into(">3i", content, at + 8, *values)
        if tag[1:] == b"TRC" and linear:
            struct.pack_into(">4sII", content, at, b"curv", 0, 0)
    return bytes(content)


def swapped_profile() -> bytes:
    """Return a profile that swaps red and green, so that ignoring it changes the picture."""
    return profile((SRGB[1], SRGB[0], SRGB[2]))


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def png(
    size: tuple[int, int], depth: int, color: int, rows: bytes, *others: tuple[bytes, bytes]
) -> bytes:
    """Return a PNG of rows, which begin with the filter 0, with other chunks before them."""
    header = struct.pack(">IIBBBBB", *size, depth, color, 0, 0, 0)
    chunks = [(b"IHDR", header), *others, (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that decodes to a huge black picture."""
    return png((width, height), 8, 2, b"\0" * 1000)


def segment(marker: int, content: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_in_scans(width: int, height: int, *scans: tuple[int, ...], frame: int = 0xC0) -> bytes:
    """Return a gray JPEG of three colors at full resolution, with scans such as `(1,), (2, 3)`.

    Its codes have one bit: each block takes two zeros, or one in a progressive JPEG.
    """
    blocks = -(-width // 8) * -(-height // 8)
    layers = b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    code = bytes((1, *([0] * 15), 0))
    start = [
        segment(0xDB, b"\0" + b"\1" * 64),
        segment(frame, struct.pack(">BHHB", 8, height, width, 3) + layers),
        segment(0xC4, b"\x00" + code + b"\x10" + code),
    ]
    bits, end = (2, b"\0\x3f\0") if frame == 0xC0 else (1, b"\0\0\0")
    for scan in scans:
        colors = b"".join(bytes((number, 0)) for number in scan)
        start.append(segment(0xDA, bytes((len(scan),)) + colors + end))
        start.append(bytes(-(-blocks * bits * len(scan) // 8)))
    return b"\xff\xd8" + b"".join(start) + b"\xff\xd9"


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
