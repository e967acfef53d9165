"""GIF: extensions and pictures, each of which ends with an empty block.

https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

import re
from collections.abc import Iterator

from .picture_file import PictureFile, limited

_EXTENSION, _PICTURE, _END = b"!", b",", b";"
_CONTROL = 0xF9
"""The extension that tells which color is transparent."""
_BLOCK = re.compile(rb"[!,;]")


def is_format(content: bytes) -> bool:
    """Tell whether a file begins as a GIF."""
    return content.startswith((b"GIF87a", b"GIF89a"))


def reduce(content: bytes) -> PictureFile:
    """Return the file without comments and other extensions."""
    start = 13 + (3 * 2 ** ((content[10] & 7) + 1) if content[10:11] >= b"\x80" else 0)
    kept: list[bytes | memoryview] = [content[:start]]
    kept += [
        block
        for label, block in limited(_blocks(content, start))
        if label == _CONTROL or block[:1] != _EXTENSION
    ]
    return PictureFile("GIF", b"".join(kept))


def _blocks(content: bytes, start: int) -> Iterator[tuple[int, memoryview]]:
    """Yield the extensions before the first picture with their labels, and all that follows."""
    view = memoryview(content)
    while found := _BLOCK.search(content, start):
        start = found.start()
        if found[0] != _EXTENSION or start + 2 >= len(content):
            yield 0, view[start:]
            return
        end = start + 2
        while end < len(content) and content[end]:
            end += 1 + content[end]
        yield content[start + 1], view[start : end + 1]
        start = end + 1
