"""Make thumbnails of one file: `python thumbnail_worker.py WAY FILE COUNT OUTPUT`.

It prints `{"seconds": median CPU time of COUNT, "peak": bytes}`, and writes a thumbnail to OUTPUT.
"""

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "handlers/libraries"), str(ROOT / "handlers")]

from photo_thumbnails.thumbnail import picture  # noqa: E402  needs the path above

SIDE, QUALITY, MEMORY = 512, 80, 1769


def ours(ending: str) -> Callable[[bytes], bytes]:
    """Return the code of the function, from the bytes of the file to those of the thumbnail."""
    options = picture.ThumbnailOptions((SIDE,), (ending,), QUALITY, False)

    def make(content: bytes) -> bytes:
        (rendition,) = picture.read(content, options, MEMORY).renditions()
        return rendition.content

    return make


def plain(content: bytes) -> bytes:
    """Make a thumbnail as most handlers do."""
    image = Image.open(io.BytesIO(content))
    image.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def decoded(content: bytes) -> bytes:
    """Decode the whole image: the lower bound for some formats."""
    Image.open(io.BytesIO(content)).load()
    return b""


WAYS = {"ours": ours("jpg"), "ours-webp": ours("webp"), "plain": plain, "decoded": decoded}


def main() -> None:
    """Measure one way, and print the result."""
    way, file, count, output = sys.argv[1:]
    content, make, seconds = Path(file).read_bytes(), WAYS[way], []
    made = make(content)
    for _ in range(int(count)):
        started = time.process_time()
        made = make(content)
        seconds.append(time.process_time() - started)
    status = Path("/proc/self/status").read_text("utf-8")
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    Path(output).write_bytes(made)
    print(json.dumps({"seconds": statistics.median(seconds), "peak": peak}))


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None
    main()
