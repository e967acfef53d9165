"""Size of the bundles, and the time to build all of them."""

import contextlib
import shutil
import tempfile
import zipfile

from benchmarks.functions import Deployed, deployed
from benchmarks.report import Result, Target
from benchmarks.rounds import Times, interleave, timed

COLUMNS = ("Bundle", "Zip KB", "Third-party KB", "Bytecode KB", "Files")
UNCHANGED_SECONDS = 0.1


def measure(rounds: int) -> Result:
    """Measure the bundles of the dev stack: their sizes, and the time to build all."""
    functions = deployed()
    times = _build_times(functions, rounds)
    scratch, _, unchanged = times.values()
    result = Result("Bundles", COLUMNS, [_sizes(each) for each in functions])
    result.rows += [
        (
            f"**Build of all, {name}**",
            f"{each.median:.3f} s, {each.ratio_to(scratch):.3f}x",
            *("",) * 3,
        )
        for name, each in times.items()
    ]
    result.targets.append(
        Target(
            f"at most {UNCHANGED_SECONDS} s to build all bundles if unchanged",
            f"{unchanged.median:.3f} s, {unchanged.ratio_to(scratch):.3f}x of a build from scratch",
            unchanged.median <= UNCHANGED_SECONDS,
        )
    )
    result.notes += [
        "Built for the CPU and the Python of this machine, as in local mode.",
        "Stored without compression, so that every machine makes the same bytes: see "
        "`components/_blocks/archive.py`.",
        "From scratch: `.colonnade` is empty, and the wheels are in the cache of uv. Code changed: "
        "the third-party packages are in `.colonnade`. x: relative to from scratch.",
    ]
    return result


def _sizes(function: Deployed) -> tuple[str, ...]:
    own = (f"{function.bundle.source}/", *(f"{each.name}/" for each in function.bundle.libraries))
    with zipfile.ZipFile(function.archive) as archive:
        members = archive.infolist()
    packages = sum(each.file_size for each in members if not each.filename.startswith(own))
    bytecode = sum(each.file_size for each in members if each.filename.endswith(".pyc"))
    sizes = (function.archive.stat().st_size, packages, bytecode)
    return (function.name, *(f"{size / 1000:.0f}" for size in sizes), str(len(members)))


def _build_times(functions: list[Deployed], rounds: int) -> dict[str, Times]:
    def build() -> None:
        for function in functions:
            function.bundle.build()

    def without(folder: str) -> float:
        shutil.rmtree(folder, ignore_errors=True)
        return timed(build)

    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        build()  # fills the cache of uv
        return interleave(
            {
                "from scratch": lambda: without(".colonnade"),
                "code changed": lambda: without(".colonnade/bundles"),
                "unchanged": lambda: timed(build),
            },
            rounds,
            warm_up=False,
        )
