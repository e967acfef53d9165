"""The memory for decoding does not exceed the estimate that is based on the header."""

import subprocess
import sys
from pathlib import Path

import pytest
from photo_thumbnails.thumbnail.failure import Failure
from photo_thumbnails.thumbnail.picture import ThumbnailOptions, read
from PIL import Image

from .pictures import file, jpeg_in_scans, png

SIDE = 3000
HANDLERS = Path(__file__).resolve().parents[3] / "handlers"
MEASURE = """
import io, sys
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/libraries"]
from PIL import Image
from photo_names import fit
from photo_thumbnails.thumbnail import files, memory, picture

def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

content = open(sys.argv[1], "rb").read()
for kind in ("JPEG", "PNG", "WEBP", "GIF"):  # load all plug-ins and the encoder
    small = io.BytesIO()
    Image.new("RGB", (8, 8)).save(small, kind)
    options = picture.ThumbnailOptions((512,), ("webp",), 80, False)
    list(picture.read(small.getvalue(), options, 1769).renditions())
file = files.reduce(content)
image = Image.open(io.BytesIO(file.content))
stored = image.size
image.draft(None, fit(*stored, 512))
expected = memory.needed_bytes(image, stored, file)
del file, image
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


WIDE = 9_000_000
FILES = {
    **{
        name: lambda each=each: file(picture(each[0]), each[1], **each[2])
        for name, each in KINDS.items()
    },
    "jpeg of one scan": lambda: jpeg_in_scans(SIDE, SIDE, (1, 2, 3)),
    "jpeg of a scan for each colour": lambda: jpeg_in_scans(SIDE, SIDE, (1,), (2,), (3,)),
    "jpeg of two scans": lambda: jpeg_in_scans(SIDE, SIDE, (1, 2), (3,)),
    "progressive jpeg of one scan": lambda: jpeg_in_scans(SIDE, SIDE, (1, 2, 3), frame=0xC2),
    "png of one row": lambda: png((WIDE, 1), 8, 2, bytes(3 * WIDE + 1)),
    "png of one row with 16 bits and alpha": lambda: png((WIDE, 1), 16, 6, bytes(8 * WIDE + 1)),
    "png of one row with one bit": lambda: png((WIDE, 1), 1, 0, bytes(WIDE // 8 + 1)),
    "one transparent bit": lambda: one_transparent(1, 0, SIDE // 8),
    "one transparent grey": lambda: one_transparent(8, 0, SIDE),
    "one transparent grey of 16 bits": lambda: one_transparent(16, 0, 2 * SIDE),
}


def one_transparent(depth: int, color: int, row_bytes: int) -> bytes:
    """Return a PNG of which one gray is transparent."""
    rows = bytes(row_bytes + 1) * SIDE
    return png((SIDE, SIDE), depth, color, rows, (b"tRNS", b"\0\1"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("make", FILES.values(), ids=FILES.keys())
def test_the_peak_is_within_the_estimate(tmp_path, make):
    path = tmp_path / "picture"
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path, HANDLERS], capture_output=True, text=True, check=True
    )
    expected, found = map(int, done.stdout.split())
    margin = 16 * 1024 * 1024  # of the 200 MiB that are reserved for everything else
    assert found <= expected + margin, (expected / SIDE**2, found / SIDE**2)
    assert expected <= 1.3 * found + margin, "rejects pictures that would fit"


REFUSED = {
    "a scan for each colour of a jpeg": lambda: jpeg_in_scans(22_000, 22_000, (1,), (2,), (3,)),
    "the rows of a wide png": lambda: png((65_000_000, 6), 8, 2, b""),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_rejected_by_its_header(make):
    options = ThumbnailOptions((512,), ("webp",), 80, False)
    with pytest.raises(Failure) as caught:
        read(make(), options, 1769)
    assert caught.value.code == "TooManyPixels"


def test_a_jpeg_of_as_many_pixels_in_one_scan_fits():
    options = ThumbnailOptions((512,), ("webp",), 80, False)
    assert read(jpeg_in_scans(22_000, 22_000, (1, 2, 3)), options, 512).width == 22_000
