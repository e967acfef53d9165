"""Interleaved rounds: every case once, then again, so that a busy moment hits all of them alike."""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Case = Callable[[], float]
"""Does the work once and returns the seconds that count."""


@dataclass(frozen=True)
class Times:
    """Seconds that one case took, one value for each round."""

    seconds: Sequence[float]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    def ratio_to(self, other: "Times") -> float:
        """How many times as long as `other`: the median of each round's quotient."""
        pairs = zip(self.seconds, other.seconds, strict=True)
        return statistics.median(own / its for own, its in pairs)


def interleave(cases: Mapping[str, Case], rounds: int, warm_up: bool = True) -> dict[str, Times]:
    """Run every case `rounds` times, each round beginning with another one.

    Args:
        cases: by name.
        rounds: how often.
        warm_up: whether a further round comes first that does not count.
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
    """CPU seconds for each record of `work`, which handles `records`, done `passes` times."""

    def run() -> float:
        started = time.process_time()
        for _ in range(passes):
            work()
        return (time.process_time() - started) / passes / records

    return run


def timed(work: Callable[[], object]) -> float:
    """Wall seconds of `work`."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def output(
    *command: str | Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: str | None = None,
) -> str:
    """Run a whole process and return what it printed.

    Args:
        command: the program and its arguments.
        folder: working directory.
        environment: its variables. Default: this process's own.
        given: what it reads. Default: this process's own input.

    Raises:
        RuntimeError: it ended with another code than 0; the message has all that it printed.
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
