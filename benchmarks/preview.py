"""The preview of prod: time, memory, and how both grow with the number of instances."""

import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.preview_program import ROOT
from benchmarks.report import Result, Target
from benchmarks.rounds import interleave, output, timed

COLUMNS = ("Program", "Resources", "s", "Of prod", "Peak MiB")
PROD, ONE, THREE, TEN = "**prod, as it is**", "1 of each", "3 of each", "10 of each"
PLAIN, FLOOR = "1 of each, Python's own collector settings", "as many plain resources as 3 of each"
CASES = {
    PROD: ("platform", 1, "on"),
    ONE: ("components", 1, "rare"),
    PLAIN: ("components", 1, "on"),
    THREE: ("components", 3, "rare"),
    TEN: ("components", 10, "rare"),
}
MOST_GROWTH = 1.3


def measure(rounds: int) -> Result:
    """Preview each program in a process of its own, under the in-process monitor."""
    said: dict[str, dict[str, Any]] = {}

    def case(name: str, *arguments: object) -> Callable[[], float]:
        def run() -> None:
            words = [str(each) for each in arguments]
            command = [sys.executable, "-m", "benchmarks.preview_program", *words]
            said[name] = json.loads(output(*command, folder=ROOT))

        return lambda: timed(run)

    # Once for all, so that no round builds bundles, and for the number of resources.
    for name in (PROD, THREE):
        case(name, *CASES[name])()
    cases = {name: case(name, *arguments) for name, arguments in CASES.items()}
    cases[FLOOR] = case(FLOOR, "raw", said[THREE]["resources"], "rare")
    times = interleave(cases, rounds, warm_up=False)
    result = Result("Preview", COLUMNS)
    result.rows += [
        (
            name,
            str(said[name]["resources"]),
            f"{each.median:.2f}",
            f"{each.ratio_to(times[PROD]):.2f}x",
            f"{said[name]['peak']:.0f}",
        )
        for name, each in times.items()
    ]
    early, late = (
        (times[more].median - times[less].median)
        / (said[more]["resources"] - said[less]["resources"])
        for less, more in ((ONE, THREE), (THREE, TEN))
    )
    result.targets.append(
        Target(
            f"a resource costs at most {MOST_GROWTH}x as much of ten instances as of three",
            f"{late * 1000:.1f} ms after {early * 1000:.1f} ms, {late / early:.2f}x",
            late <= MOST_GROWTH * early,
        )
    )
    result.notes += [
        "Whole process, from start to exit; no AWS, no Pulumi engine, whose own time comes on top.",
        "Of each: OutboxPipeline, EventConsumer, TodoList, IngestionPipeline.",
    ]
    return result
