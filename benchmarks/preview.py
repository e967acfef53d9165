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
PLAIN = "1 of each, Python's own collector settings"
FLOOR_OF_ONE, FLOOR = "as many bare resources as 1 of each", "as many bare resources as 3 of each"
CASES = {
    PROD: ("platform", 1, "on"),
    ONE: ("components", 1, "rare"),
    PLAIN: ("components", 1, "on"),
    THREE: ("components", 3, "rare"),
    TEN: ("components", 10, "rare"),
}
MOST_GROWTH, MOST_OF_BARE = 1.3, 2


def measure(rounds: int) -> Result:
    """Preview each program in a process of its own, under the in-process monitor."""
    said: dict[str, dict[str, Any]] = {}

    def case(name: str, *arguments: object) -> Callable[[], float]:
        def run() -> None:
            words = [str(each) for each in arguments]
            command = [sys.executable, "-m", "benchmarks.preview_program", *words]
            said[name] = json.loads(output(*command, folder=ROOT))

        return lambda: timed(run)

    # Once for all, so that no round builds bundles, and for the numbers of resources.
    cases = {name: case(name, *arguments) for name, arguments in CASES.items()}
    for floor, same in ((FLOOR_OF_ONE, ONE), (FLOOR, THREE)):
        cases[same]()
        cases[floor] = case(floor, "bare", said[same]["resources"], "rare")
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

    def each_more(less: str, more: str) -> float:
        """Milliseconds for each further resource."""
        took = times[more].median - times[less].median
        return 1000 * took / (said[more]["resources"] - said[less]["resources"])

    early, late, bare = each_more(ONE, THREE), each_more(THREE, TEN), each_more(FLOOR_OF_ONE, FLOOR)
    result.targets += [
        Target(
            f"a further resource costs at most {MOST_GROWTH}x as much of ten instances as of three",
            f"{late:.1f} ms after {early:.1f} ms, {late / early:.2f}x",
            late <= MOST_GROWTH * early,
        ),
        Target(
            f"a further resource costs at most {MOST_OF_BARE}x as much as a bare one",
            f"{early:.1f} ms, {early / bare:.1f}x",
            early <= MOST_OF_BARE * bare,
        ),
    ]
    result.notes += [
        "Whole process, from start to exit; no AWS, no Pulumi engine, whose own time comes on top.",
        "Bare: registered with the SDK without pulumi-aws and without a component.",
        "Of each: every component that is an architecture, with its default arguments.",
    ]
    return result
