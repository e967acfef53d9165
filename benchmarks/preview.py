"""The preview of prod: its time and memory, and their growth with the number of instances."""

import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.preview_program import ROOT
from benchmarks.report import Result, Target
from benchmarks.rounds import interleave, output, timed

COLUMNS = ("Program", "Resources", "s", "Of prod", "Peak MiB")
PROD, ONE, THREE, TEN = "**prod**", "1 of each", "3 of each", "10 of each"
PLAIN = "1 of each, default garbage collector"
FLOOR_OF_ONE, FLOOR = (
    "bare resources, as many as in 1 of each",
    "bare resources, as many as in 3 of each",
)
CASES = {
    PROD: ("platform", 1, "on"),
    ONE: ("components", 1, "rare"),
    PLAIN: ("components", 1, "on"),
    THREE: ("components", 3, "rare"),
    TEN: ("components", 10, "rare"),
}
MAX_GROWTH, MAX_OF_BARE = 1.3, 2


def measure(rounds: int) -> Result:
    """Preview each program in its own process, under the in-process monitor."""
    printed: dict[str, dict[str, Any]] = {}

    def case(name: str, *arguments: object) -> Callable[[], float]:
        def run() -> None:
            words = [str(each) for each in arguments]
            command = [sys.executable, "-m", "benchmarks.preview_program", *words]
            printed[name] = json.loads(output(*command, folder=ROOT))

        return lambda: timed(run)

    # The first run builds the bundles, and gives the number of resources.
    cases = {name: case(name, *arguments) for name, arguments in CASES.items()}
    for floor, same in ((FLOOR_OF_ONE, ONE), (FLOOR, THREE)):
        cases[same]()
        cases[floor] = case(floor, "bare", printed[same]["resources"], "rare")
    times = interleave(cases, rounds, warm_up=False)
    result = Result("Preview", COLUMNS)
    result.rows += [
        (
            name,
            str(printed[name]["resources"]),
            f"{each.median:.2f}",
            f"{each.ratio_to(times[PROD]):.2f}x",
            f"{printed[name]['peak']:.0f}",
        )
        for name, each in times.items()
    ]

    def each_more(less: str, more: str) -> float:
        """Return the milliseconds per additional resource."""
        took = times[more].median - times[less].median
        return 1000 * took / (printed[more]["resources"] - printed[less]["resources"])

    early, late, bare = each_more(ONE, THREE), each_more(THREE, TEN), each_more(FLOOR_OF_ONE, FLOOR)
    result.targets += [
        Target(
            f"an additional resource takes at most {MAX_GROWTH}x the time from three to ten "
            "instances",
            f"{late:.1f} ms instead of {early:.1f} ms, {late / early:.2f}x",
            late <= MAX_GROWTH * early,
        ),
        Target(
            f"an additional resource takes at most {MAX_OF_BARE}x the time of a bare one",
            f"{early:.1f} ms, {early / bare:.1f}x",
            early <= MAX_OF_BARE * bare,
        ),
    ]
    result.notes += [
        "Whole process from start to exit, without AWS and without the time of the Pulumi engine.",
        "Bare: registered with the SDK, without pulumi-aws and without a component.",
        "Each: every component that is an architecture, with its default arguments.",
    ]
    return result
