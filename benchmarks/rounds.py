"""Interleaved rounds: all cases run in turn, so that a busy moment affects all of them."""

import math
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

Case = Callable[[], float]
"""Does the work once and returns the measured seconds."""


@dataclass(frozen=True)
class Times:
    """Seconds of one case, one value per round."""

    seconds: Sequence[float]

    @property
    def median(self) -> float:
        """Return the median."""
        return statistics.median(self.seconds)

    def ratio_to(self, other: "Times") -> float:
        """Return the time relative to `other`: the median of the ratios of all rounds."""
        pairs = zip(self.seconds, other.seconds, strict=True)
        return statistics.median(own / its for own, its in pairs)


def interleave(cases: Mapping[str, Case], rounds: int, warm_up: bool = True) -> dict[str, Times]:
    """Run every case `rounds` times; each round starts with another case.

    Args:
        cases: the cases by name.
        rounds: number of rounds.
        warm_up: whether to run one more round first, which is not measured.
    """
    names = list(cases)
    if warm_up:
        for name in names:
            cases[name]()
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(cases[name]())
    return {name: Times(values) for name, values in seconds.items()}


def cpu_of_one(work: Callable[[], object], passes: int, records: int) -> Case:
    """Return a case of the CPU seconds per record, if `work` processes that many records."""

    def run() -> float:
        started = time.process_time()
        for _ in range(passes):
            work()
        return (time.process_time() - started) / passes / records

    return run


def timed(work: Callable[[], object]) -> float:
    """Return the elapsed seconds of `work`."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def output(
    *command: str | Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: str | None = None,
) -> str:
    """Run a process and return its output.

    Args:
        command: the program and its arguments.
        folder: working directory.
        environment: environment variables. Default: those of this process.
        given: standard input. Default: that of this process.

    Raises:
        RuntimeError: the exit code is not 0; the message has the whole output.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def latency_row(
    name: str, count: int, times: Times, reference: Times, latencies: Sequence[float]
) -> tuple[str, ...]:
    """Return name, calls per second, time relative to the reference, and p50 and p99 in ms."""
    ordered = sorted(latencies)
    median, worst = statistics.median(ordered), ordered[math.ceil(0.99 * len(ordered)) - 1]
    speed, ratio = f"{count / times.median:.0f}", f"{times.ratio_to(reference):.1f}x"
    return name, speed, ratio, f"{median * 1000:.0f}", f"{worst * 1000:.0f}"


def in_threads(work: Callable[[int], None], count: int, threads: int) -> None:
    """Call `work` with 0, 1, ... from several threads."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(count)):
            pass
