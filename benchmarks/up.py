"""Up: time from the command until it is ready, compared with its necessary parts, and phases."""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import Result, Target
from benchmarks.rounds import interleave, output, timed
from benchmarks.start_phases import Phases
from local.cloud import PROJECT
from local.emulator.process import Emulator

MAX_SECONDS = 10
COLUMNS = ("What", "s", "Of `up`")
UP, FIRST = "**`up` to ready**", "`up` after a clone, which builds the bundles"
PHASES = "the same without the command line"
IMPORTS, EMULATOR = "only `import pulumi, pulumi_aws`", "only the start of the emulator"


def measure(rounds: int) -> Result:
    """Start the orders system repeatedly."""
    phases: list[Phases] = []

    def in_phases() -> float:
        phases.append(Phases.of_a_start(project))
        return phases[-1].total

    with _project() as project:
        times = interleave(
            {
                UP: lambda: _up(project),
                FIRST: lambda: _first_up(project),
                PHASES: in_phases,
                IMPORTS: lambda: timed(_import),
                EMULATOR: _start_emulator,
            },
            rounds,
            warm_up=False,
        )
    inside = times.pop(PHASES)
    start = times[UP]
    result = Result("Up", COLUMNS)
    result.rows += [
        (name, f"{each.median:.2f}", f"{each.ratio_to(start):.2f}x") for name, each in times.items()
    ]
    result.rows += _phase_rows(phases, start.median - inside.median, start.median)
    result.targets.append(
        Target(
            f"under {MAX_SECONDS} s from a warm virtual environment to ready",
            f"{start.median:.1f} s; after a clone {times[FIRST].median:.1f} s",
            max(start.median, times[FIRST].median) < MAX_SECONDS,
        )
    )
    result.notes += [
        "The whole process `python -m local up --detach`. After a clone: `.colonnade` is empty, "
        "and the wheels are in the cache of uv.",
        "The engine imports Pulumi while the emulator starts, each on its own core.",
        "Slowest types, total of all resources of a type, 4 concurrent: "
        + ", ".join(f"{kind} {seconds:.2f} s" for kind, seconds in _slowest_kinds(phases)),
    ]
    return result


@contextmanager
def _project() -> Iterator[Path]:
    """Link the program into a temporary folder, apart from a running `make up`."""
    with tempfile.TemporaryDirectory(prefix="colonnade-bench-") as scratch:
        for path in PROJECT.iterdir():
            if not path.name.startswith("."):  # it needs its own .local and .colonnade
                (Path(scratch) / path.name).symlink_to(path)
        yield Path(scratch).resolve()


def _up(project: Path) -> float:
    def local(*arguments: str) -> None:
        output(sys.executable, "-m", "local", "--project", project, *arguments, folder=PROJECT)

    started = time.perf_counter()
    try:
        local("up", "--detach", "--port", "0", "--systems", "orders")
        return time.perf_counter() - started
    finally:
        local("down")


def _first_up(project: Path) -> float:
    shutil.rmtree(project / ".colonnade", ignore_errors=True)
    return _up(project)


def _import() -> None:
    output(sys.executable, "-c", "import pulumi, pulumi_aws")


def _start_emulator() -> float:
    emulator = Emulator()
    try:
        return timed(emulator.start)
    finally:
        emulator.stop()


def _phase_rows(
    phases: list[Phases], around: float, whole: float
) -> Iterator[tuple[str, str, str]]:
    parts = {
        "two interpreters, and the report that it is ready": [around],
        "start of the emulator": [each.emulator for each in phases],
        "other imports, until the first resource": [each.program for each in phases],
        f"{phases[0].count} resources": [each.resources for each in phases],
    }
    for name, values in parts.items():
        seconds = statistics.median(values)
        yield f"of which {name}", f"{seconds:.2f}", f"{seconds / whole:.2f}x"


def _slowest_kinds(phases: list[Phases]) -> list[tuple[str, float]]:
    kinds: Mapping[str, list[float]] = {
        kind: [each.kinds.get(kind, 0.0) for each in phases] for kind in phases[0].kinds
    }
    medians = {kind: statistics.median(values) for kind, values in kinds.items()}
    return sorted(medians.items(), key=lambda item: -item[1])[:4]
