"""Checks of a deployed system, and the removal of what they leave."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Found = TypeVar("Found")

_REMOVALS = 3
"""Attempts to remove something."""
_PROGRESS_SECONDS = 15.0


class Failed(Exception):
    """The reason why a check failed, in one line."""


class ByHand(Exception):
    """What a person must do before this can be checked."""


@dataclass(frozen=True)
class Check:
    """One check of a system."""

    what: str
    """What is true if it succeeds."""
    run: Callable[[], str | None]
    """Raises any exception if it fails. Returns a note for the table, if there is one."""
    within: float = 60.0
    """Seconds within which it must succeed."""
    after: Callable[[], str | None] | None = None
    """`run` of a check without which this one cannot succeed."""


@dataclass(frozen=True)
class Result:
    """A row of the table."""

    system: str
    what: str
    state: str
    """`ok`, `FAILED`, `by hand`, or `not run` after a check that did not succeed."""
    seconds: float
    note: str = ""

    @property
    def line(self) -> str:
        """The row as text."""
        note = f"  {self.note}" if self.note else ""
        return f"{self.system:<10} {self.what:<48} {self.state:<8} {self.seconds:6.1f} s{note}"


class Clock:
    """The time that a check has. Waiting ends when it is over or when the run is stopped."""

    def __init__(self, stopped: threading.Event, show: Callable[[str], None]) -> None:
        self._stopped = stopped
        self._show = show
        self.start("", 0)

    @property
    def stopped(self) -> bool:
        """Whether the run is stopped."""
        return self._stopped.is_set()

    def start(self, what: str, within: float) -> None:
        """Start the time of a check."""
        self._what, self._within = what, within
        self._started = self._shown = time.monotonic()

    def until(self, found: Callable[[], Found | None], what: str, pause: float = 0.3) -> Found:
        """Return the first true result of `found`.

        Raises:
            Failed: the time of the check is over.
        """
        while not (result := found()):
            now = time.monotonic()
            if now - self._started > self._within:
                raise Failed(f"{what}: not within {self._within:.0f} s")
            if now - self._shown > _PROGRESS_SECONDS:
                self._shown = now
                waited = f"{now - self._started:.0f} of {self._within:.0f} s"
                self._show(f"{self._what}: waiting for {what}, {waited}")
            if self._stopped.wait(pause):
                raise Failed("stopped")
        return result


class SystemChecks:
    """The checks of one system. Subclasses define `name` and `checks`."""

    name = ""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._removals: list[tuple[str, Callable[[], Any]]] = []

    def checks(self) -> Sequence[Check]:
        """Return the checks, in order."""
        raise NotImplementedError

    def remove_later(self, what: str, remove: Callable[[], Any]) -> None:
        """Remove something at the end, also after a failure. Call it before you create it.

        Args:
            what: what it is, for the case that this fails.
            remove: succeeds if there is nothing to remove.
        """
        self._removals.append((what, remove))

    def run(self, show: Callable[[Result], None]) -> list[Result]:
        """Run the checks, remove what they left, and return all results."""
        results: list[Result] = []
        succeeded = set()
        try:
            for check in self.checks():
                if self.clock.stopped or (check.after and check.after not in succeeded):
                    results.append(Result(self.name, check.what, "not run", 0))
                else:
                    results.append(self._run(check))
                if results[-1].state == "ok":
                    succeeded.add(check.run)
                show(results[-1])
        finally:
            results.append(self._remove())
            show(results[-1])
        return results

    def _run(self, check: Check) -> Result:
        self.clock.start(f"{self.name}: {check.what}", check.within)
        started = time.monotonic()
        try:
            state, note = "ok", check.run() or ""
        except ByHand as needed:
            state, note = "by hand", str(needed)
        except Exception as error:
            state, note = "FAILED", _line(error)
        return Result(self.name, check.what, state, time.monotonic() - started, note)

    def _remove(self) -> Result:
        started = time.monotonic()
        left = [
            f"{what} ({reason})"
            for what, remove in reversed(self._removals)
            if (reason := _attempt(remove))
        ]
        return Result(
            self.name,
            "what the checks created is removed",
            "FAILED" if left else "ok",
            time.monotonic() - started,
            f"left: {'; '.join(left)}" if left else "",
        )


def _attempt(remove: Callable[[], Any]) -> str:
    """Return why something cannot be removed; empty if it is."""
    reason = ""
    for attempt in range(_REMOVALS):
        time.sleep(attempt)
        try:
            remove()
        except Exception as error:
            reason = _line(error)
        else:
            return ""
    return reason


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, Failed) else f"{type(error).__name__}: {text}"
