"""JPEG: segments, each of which begins with a marker, and scans of coded pixels.

https://www.w3.org/Graphics/JPEG/itu-t81.pdf (annex B)
"""

import re
from collections.abc import Iterator

from .picture_file import PictureFile, limited

_SCAN, _END = 0xDA, 0xD9
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
"""Tables of codes and quantization, number of lines, and restart interval."""
_KEPT = {0xE0: b"JFIF", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Metadata that tells colors, by marker."""
_EXIF = 0xE1, b"Exif\0\0"
# 00 follows an FF that is data; D0 to D7 only restart the decoder; 01 and D8 have no content.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")


def is_format(content: bytes) -> bool:
    """Tell whether a file begins as a JPEG."""
    return content.startswith(b"\xff\xd8\xff")


def reduce(content: bytes) -> PictureFile:
    """Return the file up to the end of its picture, without most metadata."""
    kept: list[bytes | memoryview] = [content[:2]]
    exif, frame, scans, keeps_all = b"", b"", 0, False
    for marker, segment in limited(_segments(content)):
        if marker == _SCAN:
            # The decoder keeps all coefficients if the first scan has not all colors.
            keeps_all = keeps_all or (not scans and bytes(segment[4:5]) < frame[9:10])
            scans += 1
        elif marker in _FRAMES:
            frame, keeps_all = bytes(segment), marker in _PROGRESSIVE
        elif marker == _EXIF[0]:
            if not exif and bytes(segment[4:10]) == _EXIF[1]:
                exif = bytes(segment[4:])
            continue
        elif marker in _KEPT and bytes(segment[4:16]).startswith(_KEPT[marker]):
            pass
        elif marker not in _TABLES and marker != _END:
            continue
        kept.append(segment)
    return PictureFile("JPEG", b"".join(kept), exif, scans if keeps_all else 0)


def _segments(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield each marker with its segment, and the pixels that follow it, up to the end."""
    view, found = memoryview(content), _MARKER.search(content, 2)
    while found:
        start, marker = found.start(), content[found.start() + 1]
        if marker == _END:
            yield marker, view[start : start + 2]
            return
        end = start + 2 + int.from_bytes(content[start + 2 : start + 4], "big")
        found = _MARKER.search(content, max(end, start + 2))
        if marker == _SCAN:
            end = found.start() if found else len(content)
        yield marker, view[start:end]
