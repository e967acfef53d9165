"""PNG: chunks, each with its length, type and checksum.

https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from collections.abc import Iterator

from .picture_file import PictureFile, limited
from .profile import MAX_PROFILE_BYTES

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = {b"PLTE", b"IDAT", b"IEND"}
_GRAY, _RGB, _PALETTE = 0, 2, 3
_SAMPLES = {_GRAY: 1, _RGB: 3, _PALETTE: 1, 4: 2, 6: 4}
"""Samples of a pixel by color type."""
_DEPTHS = (1, 2, 4, 8, 16)


def is_format(content: bytes) -> bool:
    """Tell whether a file begins as a PNG."""
    return content.startswith(_SIGNATURE)


def reduce(content: bytes) -> PictureFile:
    """Return the file without animation and metadata."""
    kept: list[bytes | memoryview] = [_SIGNATURE]
    exif, profile, transparent = b"", b"", b""
    width, _, depth, color = _header(content)
    for number, chunk in limited(_chunks(content)):
        kind = bytes(chunk[4:8])
        has_alphas = kind == b"tRNS" and color == _PALETTE
        if kind in _KEPT or has_alphas or (kind == b"IHDR" and not number):
            kept.append(chunk)
        elif kind == b"tRNS":
            transparent = bytes(chunk[8:-4])
        elif kind == b"iCCP":
            profile = _profile(bytes(chunk[8:-4]))
        elif kind == b"eXIf":
            exif = bytes(chunk[8:-4])
    row_bits = width * _SAMPLES.get(color, 4) * depth
    return PictureFile(
        "PNG",
        b"".join(kept),
        exif,
        row_bytes=(row_bits + 7) // 8,
        transparent=_decoded(transparent, depth, color),
        profile=profile,
    )


def _header(content: bytes) -> tuple[int, int, int, int]:
    """Return width, height, bits of a sample, and color type."""
    if content[12:16] != b"IHDR" or len(content) < 26:
        return 0, 0, 0, 0
    found: tuple[int, int, int, int] = struct.unpack_from(">IIBB", content, 16)
    return found


def _chunks(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield each chunk with its number."""
    view, at, number = memoryview(content), len(_SIGNATURE), 0
    while at < len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        yield number, view[at:end]
        if content[at + 4 : at + 8] == b"IEND":
            return
        at, number = end, number + 1


def _decoded(transparent: bytes, depth: int, color: int) -> tuple[int, ...]:
    """Return the transparent color as Pillow decodes it: 8 bits, but 16 of a gray picture with 16.

    The decoder drops the lower 8 bits of RGB with 16, so that nearly the same colors are one.
    """
    count = {_GRAY: 1, _RGB: 3}.get(color)
    if count is None or len(transparent) != 2 * count or depth not in _DEPTHS:
        return ()
    largest = (1 << depth) - 1
    values = (value & largest for value in struct.unpack(f">{count}H", transparent))
    if depth == 16:
        return tuple(value >> 8 if color == _RGB else value for value in values)
    return tuple(value * 255 // largest for value in values)


def _profile(packed: bytes) -> bytes:
    """Unpack a color profile: a name, 0, the method 0, and its content."""
    _name, _, rest = packed.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
