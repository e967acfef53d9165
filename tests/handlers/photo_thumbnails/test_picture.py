"""Thumbnails of pictures of every kind, without AWS."""

import pytest
from photo_thumbnails.thumbnail import picture
from photo_thumbnails.thumbnail.failure import Failure
from photo_thumbnails.thumbnail.picture import ThumbnailOptions
from PIL import Image, ImageOps

from .pictures import (
    P3,
    chunk,
    difference,
    file,
    jpeg_in_scans,
    jpeg_of,
    opened,
    png,
    png_bomb,
    profile,
    saved,
    scene,
    sixteen_bits,
    swapped_profile,
    webp_of,
    with_exif,
)

OPTIONS = ThumbnailOptions((128, 256), ("webp", "original"), 80, False)
BLACK = Image.new("RGB", (640, 480))
TRANSPARENT = scene().convert("RGBA")
TRANSPARENT.putalpha(Image.linear_gradient("L").resize(TRANSPARENT.size))


def made(content, options=OPTIONS, memory=1769):
    """Return the photo and its opened renditions by size and file extension."""
    photo = picture.read(content, options, memory)
    return photo, {(each.size, each.ending): opened(each.content) for each in photo.renditions()}


def failed(content, memory=1769):
    with pytest.raises(Failure) as caught:
        made(content, memory=memory)
    return caught.value.code


KINDS = {
    "jpeg": (file(scene()), "jpg"),
    "progressive jpeg": (file(scene(), progressive=True), "jpg"),
    "grey jpeg": (file(scene().convert("L")), "jpg"),
    "cmyk jpeg": (file(scene().convert("CMYK")), "jpg"),
    "jpeg of two pictures": (file(scene(), "MPO", save_all=True, append_images=[scene()]), "jpg"),
    "png": (file(scene(), "PNG"), "png"),
    "palette png": (file(scene().quantize(256), "PNG"), "png"),
    "png of 16 bits": (sixteen_bits(scene()), "png"),
    "png of one bit": (file(scene().convert("1"), "PNG"), "png"),
    "transparent png": (file(TRANSPARENT, "PNG"), "png"),
    "grey transparent png": (file(TRANSPARENT.convert("LA"), "PNG"), "png"),
    "gif": (file(scene().quantize(256), "GIF"), "png"),
    "webp": (file(scene(), "WEBP"), "webp"),
    "lossless webp": (file(TRANSPARENT, "WEBP", lossless=True), "webp"),
    "animated gif": (
        file(scene().quantize(256), "GIF", save_all=True, append_images=[BLACK.convert("P")]),
        "png",
    ),
    "animated webp": (
        file(scene(), "WEBP", save_all=True, append_images=[BLACK]),
        "webp",
    ),
}


@pytest.mark.parametrize(("content", "family"), KINDS.values(), ids=KINDS.keys())
def test_thumbnails_of_every_kind_look_like_the_picture(content, family):
    photo, thumbnails = made(content)
    assert (photo.width, photo.height) == (640, 480)
    assert thumbnails.keys() == {(size, end) for size in (128, 256) for end in ("webp", family)}
    before = opened(content).copy()
    if before.mode.startswith("I"):
        before = scene().convert("L")
    before = before.convert("RGBA" if before.has_transparency_data else "RGB")
    for (size, _), thumbnail in thumbnails.items():
        assert thumbnail.size == (size, size * 3 // 4)
        expected = before.resize(thumbnail.size, Image.Resampling.LANCZOS)
        assert difference(thumbnail, expected) < 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_all_orientations_become_upright(orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = file(scene(), kind, exif=exif)
    photo, thumbnails = made(content)
    upright = ImageOps.exif_transpose(opened(content))
    assert (photo.width, photo.height) == upright.size
    for thumbnail in thumbnails.values():
        assert difference(thumbnail, upright.convert("RGB").resize(thumbnail.size)) < 4


def test_metadata_is_removed():
    for options in (OPTIONS, ThumbnailOptions((128,), ("jpg", "png", "webp", "avif"), 80, True)):
        photo = picture.read(with_exif(scene(), 6), options, 1769)
        for rendition in photo.renditions():
            assert b"Secret" not in rendition.content
            assert not opened(rendition.content).getexif()


PROFILES = {
    "Display P3 with the curve of sRGB": (profile(P3), (234, 51, 35), (255, 0, 0)),
    "linear sRGB": (profile(linear=True), (128, 55, 8), (188, 128, 49)),
    "sRGB": (profile(), (234, 51, 35), (234, 51, 35)),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("icc", "stored", "shown"), PROFILES.values(), ids=PROFILES.keys())
def test_colors_are_converted_by_the_numbers_of_a_profile_named_srgb(kind, icc, stored, shown):
    best = {"JPEG": {"quality": 100}, "WEBP": {"quality": 100}}.get(kind, {})
    content = saved(Image.new("RGB", (64, 64), stored), kind, icc_profile=icc, **best)
    _, thumbnails = made(content, ThumbnailOptions((64,), ("png",), 80, False))
    found = thumbnails[64, "png"].getpixel((32, 32))
    assert all(abs(one - other) <= 4 for one, other in zip(found, shown, strict=True)), found


def test_a_gray_picture_with_a_profile_of_other_colors_is_unchanged():
    _, thumbnails = made(file(scene().convert("L"), "PNG", icc_profile=profile(P3)))
    gray = scene().convert("L").resize((256, 192))
    assert difference(thumbnails[256, "png"], gray) < 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_profile_of_more_than_a_megabyte_is_used(kind):
    content = file(scene(), kind, icc_profile=swapped_profile() + bytes(2_000_000))
    red, green, _ = made(content)[1][256, "webp"].getpixel((10, 10))
    assert green > 200 and red < 60


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_profile_that_is_too_large_is_called_so(kind):
    content = file(scene(), kind, icc_profile=swapped_profile() + bytes(16_000_000))
    with pytest.raises(Failure, match="color profile has more than 16 million bytes"):
        made(content)


def test_a_profile_that_cannot_be_unpacked_is_ignored():
    content = file(scene(), "PNG")
    broken = chunk(b"iCCP", b"name\0\0nonsense")
    _, thumbnails = made(content[:33] + broken + content[33:])
    assert difference(thumbnails[256, "png"], scene().resize((256, 192))) < 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colors_are_converted_to_srgb(kind):
    content = file(scene(), kind, icc_profile=swapped_profile())
    _, thumbnails = made(content)
    for thumbnail in thumbnails.values():
        red, green, _ = thumbnail.convert("RGB").getpixel((10, 10))
        assert green > 200 and red < 60  # the red corner, with a profile that swaps green and red
        assert "icc_profile" not in thumbnail.info


def test_colors_and_profile_can_be_kept():
    profile = swapped_profile()
    options = ThumbnailOptions((128,), ("webp", "jpg", "png", "avif"), 80, True)
    _, thumbnails = made(file(scene(), icc_profile=profile), options)
    for thumbnail in thumbnails.values():
        red, green, _ = thumbnail.convert("RGB").getpixel((10, 10))
        assert red > 200 and green < 60
        assert thumbnail.info["icc_profile"] == profile


def test_transparency_is_kept_if_the_format_supports_it():
    options = ThumbnailOptions((256,), ("webp", "original", "jpg"), 80, False)
    _, thumbnails = made(file(TRANSPARENT, "PNG"), options)
    for ending in ("webp", "png"):
        alpha = thumbnails[256, ending].getchannel("A")
        assert alpha.getpixel((100, 2)) < 10 and alpha.getpixel((100, 189)) > 245
    assert min(thumbnails[256, "jpg"].getpixel((100, 1))) > 240  # on white


def test_one_transparent_color():
    content = file(scene(), "PNG", transparency=(255, 0, 0))
    _, thumbnails = made(content)
    assert thumbnails[256, "png"].getpixel((5, 5))[3] == 0


ONE_COLOR = {
    "gray of 1 bit": (1, 0, b"\xf0", b"\0\1"),
    "gray of 2 bits": (2, 0, b"\xff\0", b"\0\3"),
    "gray of 4 bits": (4, 0, b"\xff\xff\0\0", b"\0\x0f"),
    "gray of 8 bits": (8, 0, b"\x77" * 4 + b"\0" * 4, b"\0\x77"),
    "gray of 16 bits": (16, 0, b"\x12\x34" * 4 + b"\x12\x35" * 4, b"\x12\x34"),
    "rgb of 8 bits": (8, 2, b"\1\2\3" * 4 + b"\0" * 12, b"\0\1\0\2\0\3"),
    "rgb of 16 bits": (16, 2, b"\1\2\3\4\5\6" * 4 + b"\0" * 24, b"\1\2\3\4\5\6"),
    "bits above the depth": (1, 0, b"\xf0", b"\x80\1"),
}


@pytest.mark.parametrize(("depth", "color", "row", "hole"), ONE_COLOR.values(), ids=ONE_COLOR)
def test_one_transparent_color_of_every_depth(depth, color, row, hole):
    content = png((8, 1), depth, color, b"\0" + row, (b"tRNS", hole))
    _, thumbnails = made(content)
    alpha = thumbnails[256, "png"].getchannel("A")
    assert [alpha.getpixel((x, 0)) for x in range(8)] == [0] * 4 + [255] * 4


@pytest.mark.parametrize(("depth", "color", "row", "hole"), ONE_COLOR.values(), ids=ONE_COLOR)
def test_a_transparent_color_of_the_wrong_length_is_ignored(depth, color, row, hole):
    _, thumbnails = made(png((8, 1), depth, color, b"\0" + row, (b"tRNS", hole + b"x")))
    assert "A" not in thumbnails[256, "png"].getbands()


def test_pictures_are_not_enlarged_and_have_at_least_one_pixel():
    _, thumbnails = made(file(scene(40, 30), "PNG"))
    assert {each.size for each in thumbnails.values()} == {(40, 30)}
    _, thumbnails = made(file(Image.new("RGB", (1, 9000)), "PNG"))
    assert thumbnails[256, "png"].size == (1, 256)


def test_all_supported_formats():
    options = ThumbnailOptions((64,), ("webp", "avif", "jpg", "png", "original"), 80, False)
    photo, thumbnails = made(file(scene()), options)
    assert photo.formats == ("webp", "avif", "jpg", "png")
    kinds = {ending: each.format for (_, ending), each in thumbnails.items()}
    assert kinds == {"webp": "WEBP", "avif": "AVIF", "jpg": "JPEG", "png": "PNG"}


def test_the_same_photo_produces_the_same_bytes():
    content = with_exif(scene(), 8)
    first, second = (
        [each.content for each in picture.read(content, OPTIONS, 1769).renditions()]
        for _ in range(2)
    )
    assert first == second


BROKEN = {
    "no bytes": (b"", "NotAPicture"),
    "html": (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "NotAPicture"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "NotAPicture"),
    "tiff": (file(scene(), "TIFF"), "NotAPicture"),
    "bmp": (file(scene(), "BMP"), "NotAPicture"),
    "only the beginning of a header": (b"\xff\xd8\xff", "NotAPicture"),
    "bad profile length": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "NotAPicture"),
}


@pytest.mark.parametrize(("content", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_files_that_are_not_pictures(content, code):
    assert failed(content) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("left", [0.03, 0.5, 0.9])
def test_truncated_pictures(kind, left):
    content = file(scene() if kind != "GIF" else scene().quantize(), kind)
    assert failed(content[: int(len(content) * left)]) in ("Unreadable", "NotAPicture")


def test_a_corrupted_file_produces_thumbnails_or_a_failure():
    files = [KINDS[each][0] for each in ("progressive jpeg", "palette png", "webp", "gif")]
    for content in files:
        for at in range(0, len(content), max(1, len(content) // 120)):
            broken = bytearray(content)
            broken[at] ^= 0xFF
            try:
                made(bytes(broken))
            except Failure as failure:
                assert failure.code in ("Unreadable", "NotAPicture", "TooManyPixels")


FAILS_LATE = {
    "palette without colors": png((1, 1), 8, 3, b"\0\0"),
    "unknown color type": png((1, 1), 8, 5, b"\0\0"),
    "no bits": png((1, 1), 0, 0, b"\0\0", (b"tRNS", b"\0\0")),
    "no pixels": png((0, 0), 8, 2, b""),
}


@pytest.mark.parametrize("content", FAILS_LATE.values(), ids=FAILS_LATE.keys())
def test_whatever_fails_while_pixels_are_read_is_a_failure_at_once(content):
    assert failed(content) in ("Unreadable", "NotAPicture")


def test_any_error_of_a_decoder_or_a_conversion_is_a_failure_at_once(monkeypatch):
    def fail(*_args: object, **_settings: object) -> None:
        raise RuntimeError("of Pillow")

    for name in ("load", "draft"):
        with monkeypatch.context() as patch:
            patch.setattr(f"PIL.JpegImagePlugin.JpegImageFile.{name}", fail)
            assert failed(file(scene())) == "Unreadable"
    for name in ("resizable", "showable"):
        with monkeypatch.context() as patch:
            patch.setattr(f"photo_thumbnails.thumbnail.pixels.{name}", fail)
            assert failed(file(scene())) == "Unreadable"


BOMBS = {
    "png": png_bomb(30_000, 30_000),
    "png of more than Pillow takes": png_bomb(200_000, 200_000),
    "jpeg": jpeg_of(65_000, 65_000),
    "png beyond Pillow's own limit": png_bomb(26_000, 26_000),
    "webp": webp_of(12_000, 12_000),
    "gif": file(Image.new("P", (1, 1)), "GIF").replace(
        b"GIF87a\x01\x00\x01\x00", b"GIF87a\xff\xff\xff\xff"
    ),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_decompression_bombs_are_rejected_by_their_header(content, monkeypatch):
    def load(*_: object) -> None:
        raise AssertionError("a bomb went off")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    assert failed(content) == "TooManyPixels"


def test_the_maximum_size_depends_on_the_memory_of_the_function():
    content = webp_of(6000, 6000)
    assert failed(content, memory=512) == "TooManyPixels"
    assert failed(content, memory=1024) == "Unreadable"  # the size fits, the data is incomplete


def test_a_baseline_jpeg_of_50_megapixels_fits_into_the_smallest_function():
    assert made(file(Image.new("RGB", (8660, 5774))), memory=512)[0].width == 8660


PASSES = {
    "progressive": {"frame": 0xC2},
    "a scan for each color": {"frame": 0xC0},
}


@pytest.mark.parametrize("kind", PASSES.values(), ids=PASSES)
def test_jpegs_with_more_than_64_passes_are_rejected(kind):
    assert made(jpeg_in_scans(64, 64, (1,), (2,), *[(3,)] * 62, **kind))[0].width == 64
    with pytest.raises(Failure, match="passes"):
        made(jpeg_in_scans(64, 64, (1,), (2,), *[(3,)] * 63, **kind))


def test_scans_behind_the_end_of_a_jpeg_do_not_count():
    content = file(scene(), progressive=True)
    assert made(content + b"\xff\xda\0\2" * 100)[0].width == 640


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_an_invalid_profile_or_orientation_is_ignored():
    _, thumbnails = made(file(scene(), icc_profile=b"nonsense" * 20))
    assert difference(thumbnails[256, "jpg"], scene().resize((256, 192))) < 4
    _, thumbnails = made(file(scene(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert difference(thumbnails[256, "jpg"], scene().resize((256, 192))) < 4
