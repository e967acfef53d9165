"""WebP: a RIFF file of chunks, each with its type and length.

https://developers.google.com/speed/webp/docs/riff_container
"""

from collections.abc import Iterator

from .picture_file import PictureFile, limited

_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_EXIF_AND_XMP = 0b1100
"""Bits of the header VP8X that promise metadata."""


def is_format(content: bytes) -> bool:
    """Tell whether a file begins as a WebP."""
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def reduce(content: bytes) -> PictureFile:
    """Return the file without metadata."""
    kept: list[bytes | memoryview] = []
    exif, dropped = b"", 0
    for size, chunk in limited(_chunks(content)):
        kind = bytes(chunk[:4])
        if kind == b"VP8X" and len(chunk) > 8:
            kept.append(bytes(chunk[:8]) + bytes((chunk[8] & ~_EXIF_AND_XMP,)) + bytes(chunk[9:]))
        elif kind in _KEPT:
            kept.append(chunk)
        else:
            dropped += size
            if kind == b"EXIF":
                exif = bytes(chunk[8:])
    size = max(0, int.from_bytes(content[4:8], "little") - dropped)
    kept.insert(0, b"RIFF" + size.to_bytes(4, "little") + b"WEBP")
    return PictureFile("WEBP", b"".join(kept), exif)


def _chunks(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield each chunk with the size that it has if it is not cut off."""
    view, at = memoryview(content), 12
    end = min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while at < end:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        size = 8 + length + length % 2
        yield size, view[at : min(end, at + size)]
        at += size
