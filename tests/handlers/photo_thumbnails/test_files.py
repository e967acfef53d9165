"""Files are reduced to what thumbnails need, in a time that grows with their size alone."""

import io
import struct
import tracemalloc

import pytest
from photo_thumbnails.thumbnail import files, picture
from photo_thumbnails.thumbnail.failure import Failure
from photo_thumbnails.thumbnail.orientation import orientation
from PIL import Image

from .pictures import chunk, difference, file, opened, profile, scene, segment, with_exif

OPTIONS = picture.ThumbnailOptions((64,), ("png",), 80, False)
MIB = 1024 * 1024
PIXELS = {
    "JPEG": file(scene()),
    "PNG": file(scene(), "PNG"),
    "WEBP": file(scene(), "WEBP", exif=b"II*\0", method=0),  # of the extended form
    "GIF": file(scene().quantize(), "GIF"),
}


def exif(entries: int = 0, size: int = 1) -> bytes:
    """Return metadata without orientation, each of whose values has the same bytes."""
    values = b"".join(struct.pack("<HHII", 0x200 + at, 1, size, 8) for at in range(entries))
    return b"II*\0" + struct.pack("<IH", 8, entries) + values + bytes(4)


def riff(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def metadata(kind: str, content: bytes) -> bytes:
    """Return a part with metadata that Pillow would read."""
    return {
        "JPEG": lambda: segment(0xE1, b"Exif\0\0" + content),
        "PNG": lambda: chunk(b"prVt", content),
        "WEBP": lambda: riff(b"EXIF", content),
        "GIF": lambda: b"!\xfe" + bytes((len(content),)) + content + b"\0",
    }[kind]()


def with_parts(kind: str, parts: bytes) -> bytes:
    """Insert parts where a file of this kind may have them."""
    content = PIXELS[kind]
    if kind == "WEBP":
        whole = content[8:] + parts
        return b"RIFF" + struct.pack("<I", len(whole)) + whole
    at = {"JPEG": 2, "PNG": 33, "GIF": 13 + 3 * 256}[kind]
    return content[:at] + parts + content[at:]


@pytest.mark.parametrize("kind", PIXELS)
def test_metadata_is_removed_and_pixels_are_not(kind):
    content = with_parts(kind, metadata(kind, b"Secret") * 3)
    reduced = files.reduce(content)
    assert reduced.format == kind
    assert b"Secret" in content and b"Secret" not in reduced.content
    assert opened(reduced.content).convert("RGB").tobytes() == (
        opened(PIXELS[kind]).convert("RGB").tobytes()
    )


@pytest.mark.parametrize("kind", PIXELS)
def test_a_file_without_metadata_is_unchanged(kind):
    reduced = files.reduce(PIXELS[kind]).content
    assert files.reduce(reduced).content == reduced


def test_what_follows_a_picture_is_removed():
    for kind in ("JPEG", "PNG", "WEBP"):
        reduced = files.reduce(PIXELS[kind])
        assert files.reduce(PIXELS[kind] + b"a video of the same moment") == reduced


@pytest.mark.parametrize("kind", PIXELS)
def test_the_number_of_parts_is_limited(kind):
    part = metadata(kind, b"II*\0")
    assert picture.read(with_parts(kind, part * 90_000), OPTIONS, 1769).width == 640
    with pytest.raises(Failure, match="more parts than any program writes") as caught:
        picture.read(with_parts(kind, part * 100_000), OPTIONS, 1769)
    assert caught.value.code == "Unreadable"


@pytest.mark.parametrize("kind", PIXELS)
def test_pillow_gets_no_metadata(kind, monkeypatch):
    """Pillow joins Exif segments one by one, which is quadratic: 4 MB in 30,000 took 12 seconds."""
    got: list[int] = []
    open_ = Image.open

    def record(content, **settings):
        got.append(len(content.getvalue()))
        return open_(content, **settings)

    monkeypatch.setattr("PIL.Image.open", record)
    picture.read(with_parts(kind, metadata(kind, exif(9)) * 30_000), OPTIONS, 1769)
    assert got[0] <= len(PIXELS[kind])


def test_values_of_exif_do_not_take_memory():
    """Pillow copies each of them, and they may overlap: 60,000 of the same megabyte."""
    content = exif(60_000, MIB) + bytes(MIB)
    tracemalloc.start()
    assert orientation(content) == 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MIB


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_the_orientation_in_both_byte_orders(value, order, kind):
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    other = struct.pack(f"{order}HHII", 0x010F, 2, 4, 0)
    size = "HH" if kind == 3 else "I"
    found = struct.pack(f"{order}HHI{size}", 0x0112, kind, 1, *((value, 0)[: len(size)]))
    content = mark + struct.pack(f"{order}IH", 8, 2) + other + found
    assert orientation(content) == orientation(b"Exif\0\0" + content) == value


BROKEN_EXIF = {
    "nothing": b"",
    "another format": b"nonsense",
    "only the beginning": b"II*\0",
    "an offset beyond the end": b"II*\0\xff\xff\xff\xff",
    "more values than there are": b"II*\0\x08\0\0\0\xff\xff",
    "a value that is none": exif()[:8] + struct.pack("<HHHIHH", 1, 0x0112, 3, 1, 9, 0),
    "a text": exif()[:8] + struct.pack("<HHHII", 1, 0x0112, 2, 1, 6),
}


@pytest.mark.parametrize("content", BROKEN_EXIF.values(), ids=BROKEN_EXIF.keys())
def test_broken_exif_is_no_orientation(content):
    assert orientation(content) == 1


def test_the_orientation_of_the_whole_file():
    assert orientation(files.reduce(with_exif(scene(), 6)).exif) == 6
    info = Image.Exif()
    info[0x0112] = 8
    for kind in ("PNG", "WEBP"):
        assert orientation(files.reduce(file(scene(), kind, exif=info)).exif) == 8


def test_profiles_and_colors_of_adobe_stay():
    for kind in ("JPEG", "PNG", "WEBP"):
        reduced = files.reduce(file(scene(), kind, icc_profile=profile()))
        found = reduced.profile or opened(reduced.content).info["icc_profile"]
        assert found == profile()
    content = file(scene().convert("CMYK"))  # inverted, as its Adobe segment tells
    assert b"Adobe" in content
    assert difference(opened(files.reduce(content).content), opened(content)) == 0


def test_junk_between_segments_of_a_jpeg_is_skipped():
    content = PIXELS["JPEG"]
    table = content.index(b"\xff\xdb")
    junk = b"\xff" * 50_000 + b"\xff\x00" * 50_000
    reduced = files.reduce(content[:table] + junk + content[table:]).content
    assert reduced == files.reduce(content).content


@pytest.mark.parametrize("kind", PIXELS)
def test_every_cut_is_reduced_or_refused(kind):
    content = with_parts(kind, metadata(kind, exif(2)) * 2)
    for end in [*range(0, 200), *range(200, len(content), 997)]:
        reduced = files.reduce(content[:end])
        assert reduced is None or len(reduced.content) <= max(end, 12)


def test_only_the_first_header_of_a_png_counts():
    content = PIXELS["PNG"]
    second = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    reduced = files.reduce(content[:33] + second + content[33:])
    assert Image.open(io.BytesIO(reduced.content)).size == (640, 480)
