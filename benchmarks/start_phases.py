"""The phases of a start, from the reports of the engine."""

import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from local.cloud import Cloud


@dataclass(frozen=True)
class Phases:
    """Seconds of each phase."""

    emulator: float
    """Until the emulator is ready; meanwhile the engine imports its modules."""
    program: float
    """From then until the program registers its first resource."""
    resources: float
    """From then until the last resource is created."""
    count: int
    """Number of resources on the emulator."""
    kinds: dict[str, float]
    """Total seconds of all resources of a kind, such as `iam Role`; creation is concurrent."""

    @property
    def total(self) -> float:
        """Return the seconds of all phases."""
        return self.emulator + self.program + self.resources

    @classmethod
    def of_a_start(cls, project: Path) -> Self:
        """Start the orders system of a project, and measure the phases."""
        reports: list[tuple[float, dict[str, Any]]] = []
        started = time.monotonic()
        with Cloud(
            systems=["orders"],
            program=project,
            listen=lambda report: reports.append((time.monotonic() - started, report)),
        ) as cloud:
            timings = cloud.timings
        registered = {
            report["urn"]: (moment, report["type"])
            for moment, report in reports
            if report["event"] == "registered" and report["custom"]
        }
        kinds: defaultdict[str, float] = defaultdict(float)
        for moment, report in reports:
            if report["event"] == "created" and report["urn"] in registered:
                since, kind = registered[report["urn"]]
                kinds[_short(kind)] += moment - since
        first = min(moment for moment, _ in registered.values())
        return cls(
            emulator=timings.emulator,
            program=first - timings.emulator,
            resources=timings.total - first,
            count=len(registered),
            kinds=dict(kinds),
        )


def _short(kind: str) -> str:
    """Return the short type: `iam Role` of `aws:iam/role:Role`."""
    service, _, name = kind.removeprefix("aws:").partition("/")
    return f"{service} {name.partition(':')[2]}"
