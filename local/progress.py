"""Shows the progress of a start: one line per system, live on a terminal."""

import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

OTHERS = "(others)"


@dataclass
class System:
    """The progress of the resources below one top-level component."""

    name: str
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    asked: int = 0
    made: int = 0
    broken: int = 0

    def line(self, width: int) -> str:
        """Returns name, counts and seconds as one line."""
        failed = f", {self.broken} not created" if self.broken else ""
        seconds = (self.ended or time.monotonic()) - self.started
        return f"{self.name:<{width}}  {self.made:>3} resources{failed}  {seconds:.1f} s"


class Progress:
    """Receives the reports of an engine. Use it as a context manager around the start."""

    def __init__(self) -> None:
        self.systems: dict[str, System] = {}
        self._owner: dict[str, str] = {}
        self._custom: set[str] = set()
        self._live: Any = None

    def __enter__(self) -> Self:
        if sys.stdout.isatty():
            from rich.live import Live

            self._live = Live(get_renderable=self._text, refresh_per_second=8, transient=True)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()
        if self.systems:
            print(self._text())

    def say(self, text: str) -> None:
        """Prints a line above the live ones."""
        if self._live:
            self._live.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            print(text, flush=True)

    def __call__(self, report: dict[str, Any]) -> None:
        """Handles one report; see `local/engine/reports.py`."""
        event = report["event"]
        if event == "registered":
            self._registered(report)
        elif event in ("created", "failed", "skipped"):
            self._ended(report["urn"], event == "created")
        elif event == "not_emulated":
            self.say(f"not emulated: {report['message']}")
        elif event == "log":
            self.say(f"{report['severity']}: {report['message']}")
        elif event == "printed":
            self.say(report["message"])

    def _registered(self, report: dict[str, Any]) -> None:
        owner = self._owner.get(report["parent"])
        if owner is None:
            owner = OTHERS if report["custom"] else report["name"]
        self._owner[report["urn"]] = owner
        system = self.systems.setdefault(owner, System(owner))
        if report["custom"]:
            self._custom.add(report["urn"])
            system.asked += 1

    def _ended(self, urn: str, made: bool) -> None:
        system = self.systems.get(self._owner.get(urn, ""))
        if system is None or (made and urn not in self._custom):
            return
        system.made += made
        system.broken += not made
        system.ended = time.monotonic()

    def _text(self) -> str:
        if not self.systems:
            return "starting"
        width = max(map(len, self.systems))
        return "\n".join(each.line(width) for each in list(self.systems.values()))
