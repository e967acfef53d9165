"""Thumbnails: speed, quality and memory of one process."""

import io
import json
import math
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageOps, ImageStat

from benchmarks import sharp
from benchmarks.photos import write_photos
from benchmarks.report import Result, Target
from benchmarks.rounds import Times, interleave, output

HERE = Path(__file__).parent
SIDE, MEMORY_MIB = 512, 1769
COUNT = 7
PLAIN, OURS, OURS_WEBP, DECODED = "plain", "ours", "ours-webp", "decoded"
SHARP, SHARP_WEBP = "sharp", "sharp-webp"
SHOWN = {
    PLAIN: "`Image.open(...).thumbnail(...)`",
    SHARP: "sharp, one thread",
    SHARP_WEBP: "sharp, WebP output",
    OURS: "**thumbnail**",
    OURS_WEBP: "**thumbnail**, WebP output",
    DECODED: "decoding only",
}
COLUMNS = ("Photo", "Method", "Per CPU s", "Of plain", "Of sharp", "Peak MiB", "PSNR dB")
LOSSLESS = ("12 MP PNG", "12 MP WebP")


@dataclass
class Measured:
    """The result of one method with one photo."""

    times: Times
    peak_mib: float
    psnr: float | None


def measure(rounds: int) -> Result:
    """Make thumbnails of each photo with each method."""
    missing = sharp.install()
    result = Result("Thumbnails", COLUMNS)
    if missing:
        result.notes.append(f"sharp is not measured: {missing}.")
    found: dict[str, dict[str, Measured]] = {}
    with tempfile.TemporaryDirectory() as name:
        for photo, file in write_photos(Path(name)).items():
            ways = [PLAIN, OURS, OURS_WEBP, *([DECODED] if photo in LOSSLESS else [])]
            ways += [] if missing else [SHARP, SHARP_WEBP]
            found[photo] = _measure(file, ways, rounds)
            result.rows += _rows(photo, found[photo])
    result.targets += _targets(found)
    result.notes.append(
        f"{SIDE} px, quality 80, rotated upright, from bytes to bytes, on one thread. CPU time: "
        f"median of {COUNT} in each round. Peak: of the whole process. PSNR: relative to full "
        "decoding and a Lanczos filter."
    )
    return result


def _measure(file: Path, ways: list[str], rounds: int) -> dict[str, Measured]:
    peaks: dict[str, float] = {}
    outputs = {way: file.with_suffix(f".{way}") for way in ways}

    def run(way: str) -> float:
        done = json.loads(_run(way, file, outputs[way]))
        peaks[way] = done["peak"] / 1024**2
        return float(done["seconds"])

    times = interleave({way: lambda way=way: run(way) for way in ways}, rounds, warm_up=False)
    best = _best(file)
    return {
        way: Measured(times[way], peaks[way], _psnr(outputs[way].read_bytes(), best))
        for way in ways
    }


def _run(way: str, file: Path, made: Path) -> str:
    arguments = (way, file, str(COUNT), made)
    if way.startswith(SHARP):
        worker = HERE / "thumbnail_worker.cjs"
        return output("node", worker, *arguments, environment=sharp.environment())
    return output(sys.executable, HERE / "thumbnail_worker.py", *arguments)


def _best(file: Path) -> Image.Image:
    image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    factor = SIDE / max(image.size)
    size = (round(image.width * factor), round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS)


def _psnr(content: bytes, best: Image.Image) -> float | None:
    if not content:
        return None
    made = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    if made.size != best.size:  # plain does not rotate
        return None
    squares = ImageStat.Stat(ImageChops.difference(made, best)).sum2
    mean = sum(squares) / 3 / (best.width * best.height)
    return 10 * math.log10(255**2 / mean)


def _rows(photo: str, found: Mapping[str, Measured]) -> list[tuple[str, ...]]:
    return [
        (
            photo,
            SHOWN[way],
            f"{1 / each.times.median:.1f}",
            f"{_speed(found, way, PLAIN):.2f}x",
            f"{_speed(found, way, SHARP):.2f}x" if SHARP in found else "",
            f"{each.peak_mib:.0f}",
            f"{each.psnr:.1f}" if each.psnr else "",
        )
        for way, each in found.items()
    ]


def _speed(found: Mapping[str, Measured], way: str, peer: str) -> float:
    return found[peer].times.ratio_to(found[way].times)


def _targets(found: Mapping[str, Mapping[str, Measured]]) -> list[Target]:
    targets = [
        _at_least(found["12 MP JPEG"], "12 MP JPEG", OURS, PLAIN, 1.5),
        *(_at_least(found[photo], photo, OURS, DECODED, 0.95) for photo in LOSSLESS),
    ]
    if SHARP in found["12 MP JPEG"]:
        targets += [
            *(
                _at_least(found[photo], photo, OURS, SHARP, minimum)
                for photo, minimum in (
                    ("12 MP JPEG", 1.0),
                    ("24 MP JPEG", 1.0),
                    ("12 MP progressive JPEG", 1.3),
                )
            ),
            _at_least(found["12 MP JPEG"], "12 MP JPEG, WebP output", OURS_WEBP, SHARP_WEBP, 1.25),
            _quality(found["12 MP JPEG"]),
        ]
    peak = found["50 MP JPEG"][OURS].peak_mib
    targets.append(
        Target(
            f"50 MP JPEG: less than the function's {MEMORY_MIB} MiB",
            f"{peak:.0f} MiB",
            peak < MEMORY_MIB,
        )
    )
    return targets


def _at_least(
    found: Mapping[str, Measured], photo: str, way: str, peer: str, minimum: float
) -> Target:
    speed = _speed(found, way, peer)
    wanted = f"{photo}: at least {minimum:g}x as fast as {SHOWN[peer]}"
    return Target(wanted, f"{speed:.2f}x", speed >= minimum)


def _quality(found: Mapping[str, Measured]) -> Target:
    behind = (found[SHARP].psnr or 0) - (found[OURS].psnr or 0)
    return Target(
        "12 MP JPEG: PSNR within 0.4 dB of sharp's", f"{behind:.1f} dB lower", behind <= 0.4
    )
