"""The preview of a site with many files: its time and memory, and their growth."""

import json
import sys
from collections.abc import Callable

from benchmarks.preview_program import ROOT
from benchmarks.report import Result, Target
from benchmarks.rounds import interleave, output, timed

COLUMNS = ("Files", "Resources", "s", "Of 500 files", "Peak MiB")
FEW, MANY = 500, 5_000
MAX_GROWTH, MAX_MIB = 3, 300


def measure(rounds: int) -> Result:
    """Preview each site in its own process, under the in-process monitor."""
    printed: dict[int, dict[str, float]] = {}

    def case(files: int) -> Callable[[], float]:
        def run() -> None:
            command = [
                sys.executable,
                "-m",
                "benchmarks.preview_program",
                "site",
                str(files),
                "rare",
            ]
            printed[files] = json.loads(output(*command, folder=ROOT))

        return lambda: timed(run)

    times = interleave({str(files): case(files) for files in (FEW, MANY)}, rounds)
    few, many = times[str(FEW)], times[str(MANY)]
    result = Result("Sites", COLUMNS)
    result.rows += [
        (
            f"{files:,}",
            str(printed[files]["resources"]),
            f"{each.median:.2f}",
            f"{each.ratio_to(few):.2f}x",
            f"{printed[files]['peak']:.0f}",
        )
        for files, each in ((FEW, few), (MANY, many))
    ]
    growth = many.ratio_to(few) / (MANY / FEW)
    result.targets += [
        Target(
            f"{MANY:,} files take at most {MAX_GROWTH}x the time of {FEW} files times ten",
            f"{growth:.2f}x",
            growth <= MAX_GROWTH,
        ),
        Target(
            f"{MANY:,} files take at most {MAX_MIB} MiB",
            f"{printed[MANY]['peak']:.0f} MiB",
            printed[MANY]["peak"] <= MAX_MIB,
        ),
    ]
    result.notes.append("Half of the files are pages. Whole process from start to exit.")
    return result
