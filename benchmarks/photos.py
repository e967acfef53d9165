"""Generated photos with large shapes, fine texture, edges and sensor noise."""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

EXIF_SIDEWAYS = 6


def write_photos(folder: Path) -> dict[str, Path]:
    """Write one photo of each kind; return the files by their name in the report."""
    small, large = _photo(4000, 3000), _photo(6000, 4000)
    exif = Image.Exif()
    exif[0x0112] = EXIF_SIDEWAYS  # as photos of phones
    huge = large.resize((8700, 5800), Image.Resampling.BICUBIC)
    kinds = {
        "12 MP JPEG": (small, "jpg", {"quality": 90, "exif": exif}),
        "24 MP JPEG": (large, "jpg", {"quality": 90, "exif": exif}),
        "50 MP JPEG": (huge, "jpg", {"quality": 85}),
        "12 MP progressive JPEG": (small, "jpg", {"quality": 90, "progressive": True}),
        "12 MP PNG": (small, "png", {"compress_level": 6}),
        "12 MP WebP": (small, "webp", {"quality": 85, "method": 2}),
    }
    paths = {}
    for name, (image, ending, settings) in kinds.items():
        paths[name] = folder / f"{name.replace(' ', '-').lower()}.{ending}"
        image.save(paths[name], **settings)
    return paths


def _photo(width: int, height: int) -> Image.Image:
    planes = []
    for tint in (8, 0, -14):
        plane = Image.linear_gradient("L").resize((width, height)).point(lambda v: 200 - v // 2)
        for cells, amplitude in ((6, 0.5), (30, 0.35), (150, 0.15), (750, 0.05)):
            field = Image.effect_noise((cells, cells * height // width), 120)
            texture = field.resize((width, height), Image.Resampling.BICUBIC)
            plane = Image.blend(plane, texture, amplitude)
        planes.append(plane.point(lambda value, tint=tint: value + tint))
    photo = Image.merge("RGB", planes)
    _draw_edges(photo)
    photo = photo.filter(ImageFilter.GaussianBlur(0.8))  # as a lens does
    grain = Image.effect_noise((width, height), 5).convert("RGB")
    return ImageChops.add(photo, grain, scale=1, offset=-128)


def _draw_edges(photo: Image.Image) -> None:
    """Draw straight and round shapes of one color each."""
    draw, (width, height) = ImageDraw.Draw(photo), photo.size
    for number in range(60):
        left, top = number * 2711 % width, height // 3 + number * 1009 % (height * 2 // 3)
        size = width // 60 + number * 37 % (width // 12)
        color = (number * 53 % 210 + 20, number * 97 % 210 + 20, number * 31 % 210 + 20)
        shape = draw.ellipse if number % 3 == 0 else draw.rectangle
        shape((left, top, left + size, top + size * 2 // 3), fill=color)
        draw.line((left, top, left + size, top - size), fill=color, width=max(2, width // 900))
