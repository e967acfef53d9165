"""A user's 1,000 to-dos in pages: what a page reads and sends, in a small and in a large table."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.report import Result, Target
from benchmarks.rounds import Times, interleave, timed
from benchmarks.todo_table import TodoTable
from local.emulator.process import Emulator

TODOS = 1000
OTHERS = 9
"""Users with as many to-dos in the large table."""
LIMITS = (20, 100)
COLUMNS = (
    f"{TODOS} to-dos of one user",
    "Pages",
    "Queries",
    "Items read",
    "KB read of a page",
    "Read units of a page",
    "KB sent of a page",
    "ms of a page",
    "Of the small table",
)


@dataclass
class Reads:
    """What one list read from DynamoDB, and what it sent."""

    items: list[int] = field(default_factory=list)
    """Of each Query."""
    sizes: list[int] = field(default_factory=list)
    """Bytes of each Query's answer."""
    units: list[float] = field(default_factory=list)
    """Capacity of each Query."""
    sent: list[int] = field(default_factory=list)
    """Bytes of each page."""
    pages: int = 0


def measure(rounds: int) -> Result:
    """Read the whole list, page by page."""
    with Emulator() as emulator:
        small, large = TodoTable(emulator, "small"), TodoTable(emulator, "large")
        for table in (small, large):
            table.fill(TODOS)
        large.share_with(OTHERS)
        lists = {
            (size, limit): List(table, limit)
            for limit in LIMITS
            for size, table in (("small", small), ("large", large))
        }
        cases = {str(key): each.run for key, each in lists.items()}
        times = interleave(cases, rounds)
    result = Result("API pages", COLUMNS)
    for (size, limit), each in lists.items():
        own, reference = times[str((size, limit))], times[str(("small", limit))]
        result.rows.append(_row(size, limit, each.reads, own, reference))
        result.targets.append(_target(size, limit, each.reads))
    result.notes += [
        f"Large: {OTHERS} other users have as many to-dos in the table.",
        "KB read: of DynamoDB's answer as JSON. Read units: what AWS counts for items of that "
        "size, eventually consistent.",
        "ms: nearly all of it is the emulator's, which goes through the whole partition for each "
        "Query; DynamoDB does not.",
    ]
    return result


class List:
    """One list, read to its end again and again."""

    def __init__(self, table: TodoTable, limit: int) -> None:
        self._table, self._limit = table, limit
        self.reads = Reads()
        """Of the last time."""

    def run(self) -> float:
        """Seconds of the whole list."""
        self.reads = Reads()
        events = self._table.client.meta.events
        events.register("after-call.dynamodb.Query", self._note)
        seconds = timed(self._read)
        events.unregister("after-call.dynamodb.Query", self._note)
        return seconds

    def _read(self) -> None:
        for page in self._table.pages(self._limit):
            self.reads.pages += 1
            self.reads.sent.append(len(page["body"].encode()))

    def _note(self, http_response: Any, parsed: Any, **_more: Any) -> None:
        self.reads.items.append(parsed["ScannedCount"])
        self.reads.sizes.append(len(http_response.content))
        # Eventually consistent: half a unit for each 4 KB.
        self.reads.units.append(-(-sum(map(_size, parsed["Items"])) // 4096) / 2)


def _size(item: dict[str, Any]) -> int:
    """Bytes by the rules of "DynamoDB item sizes and formats"; numbers as their digits."""
    values = ((name, next(iter(value.values()))) for name, value in item.items())
    return sum(len(name) + (1 if isinstance(v, bool) else len(v.encode())) for name, v in values)


def _row(size: str, limit: int, reads: Reads, own: Times, small: Times) -> Sequence[str]:
    middle = statistics.median
    return (
        f"pages of {limit}, {size} table",
        str(reads.pages),
        str(len(reads.items)),
        str(sum(reads.items)),
        f"{middle(reads.sizes) / 1024:.1f}",
        f"{middle(reads.units):g}",
        f"{middle(reads.sent) / 1024:.1f}",
        f"{1000 * own.median / reads.pages:.1f}",
        f"{own.ratio_to(small):.2f}x",
    )


def _target(size: str, limit: int, reads: Reads) -> Target:
    """Nothing is read that is not on the page; the last one may be empty."""
    most, pages = max(reads.items), -(-TODOS // limit)
    fine = sum(reads.items) == TODOS and most <= limit and len(reads.items) <= pages + 1
    return Target(
        f"pages of {limit}, {size} table: a Query each, that reads what is on the page",
        f"{len(reads.items)} of at most {most}, {sum(reads.items)} in all",
        fine,
    )
