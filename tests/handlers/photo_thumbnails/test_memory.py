"""The memory for decoding does not exceed the estimate that is based on the header."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from .pictures import file

SIDE = 3000
HANDLERS = Path(__file__).resolve().parents[3] / "handlers"
MEASURE = """
import io, sys
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/libraries"]
from PIL import Image
from photo_names import fit
from photo_thumbnails.thumbnail import memory, picture

def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

content = open(sys.argv[1], "rb").read()
for kind in ("JPEG", "PNG", "WEBP", "GIF"):  # load all plug-ins and the encoder
    small = io.BytesIO()
    Image.new("RGB", (8, 8)).save(small, kind)
    options = picture.ThumbnailOptions((512,), ("webp",), 80, False)
    list(picture.read(small.getvalue(), options, 1769).renditions())
image = Image.open(io.BytesIO(content))
stored = image.size
image.draft(None, fit(*stored, 512))
expected = memory._needed(image, stored)
before = peak()
picture.read(content, options, 10240)
print(expected, peak() - before)
"""


def picture(mode: str) -> Image.Image:
    """Return a large picture that is encoded quickly."""
    colours = {"RGBA": (9, 99, 200, 128), "CMYK": (9, 99, 200, 1), "I;16": 9999, "P": 3}
    colours |= {"LA": (99, 128)}
    return Image.new(mode, (SIDE, SIDE), colours.get(mode, "teal" if mode == "RGB" else 99))


KINDS = {
    "jpeg": ("RGB", "JPEG", {}),
    "progressive jpeg": ("RGB", "JPEG", {"progressive": True}),
    "progressive jpeg of full colour": ("RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    "progressive cmyk jpeg": ("CMYK", "JPEG", {"progressive": True}),
    "png": ("RGB", "PNG", {"compress_level": 1}),
    "transparent png": ("RGBA", "PNG", {"compress_level": 1}),
    "one transparent colour": ("RGB", "PNG", {"compress_level": 1, "transparency": (0, 0, 0)}),
    "grey transparent png": ("LA", "PNG", {"compress_level": 1}),
    "palette png": ("P", "PNG", {"compress_level": 1, "transparency": 3}),
    "png of 16 bits": ("I;16", "PNG", {"compress_level": 1}),
    "png of one bit": ("1", "PNG", {"compress_level": 1}),
    "webp": ("RGB", "WEBP", {"method": 0}),
    "lossless transparent webp": ("RGBA", "WEBP", {"method": 0, "lossless": True}),
    "gif": ("P", "GIF", {"transparency": 3}),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(("mode", "kind", "settings"), KINDS.values(), ids=KINDS.keys())
def test_the_peak_is_within_the_estimate(tmp_path, mode, kind, settings):
    path = tmp_path / "picture"
    path.write_bytes(file(picture(mode), kind, **settings))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path, HANDLERS], capture_output=True, text=True, check=True
    )
    expected, found = map(int, done.stdout.split())
    margin = 16 * 1024 * 1024  # of the 200 MiB that are reserved for everything else
    assert found <= expected + margin, (expected / SIDE**2, found / SIDE**2)
    assert expected <= 1.3 * found + margin, "rejects pictures that would fit"
