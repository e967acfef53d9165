"""Pages of 1,000 to-dos of one user: reads and bytes, in a small and in a large table."""

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
"""Other users with the same number of to-dos in the large table."""
LIMITS = (20, 100)
COLUMNS = (
    f"{TODOS} to-dos of one user",
    "Pages",
    "Queries",
    "Items read",
    "KB read per page",
    "Read units per page",
    "KB sent per page",
    "ms per page",
    "Time relative to small",
)


@dataclass
class Reads:
    """Reads from DynamoDB and responses for one list."""

    items: list[int] = field(default_factory=list)
    """Items that each Query read."""
    sizes: list[int] = field(default_factory=list)
    """Bytes in the response of each Query."""
    units: list[float] = field(default_factory=list)
    """Read capacity units of each Query."""
    sent: list[int] = field(default_factory=list)
    """Bytes of each page."""
    pages: int = 0


def measure(rounds: int) -> Result:
    """Read the whole list page by page."""
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
        f"Large: {OTHERS} other users have the same number of to-dos in the table.",
        "KB read: size of DynamoDB's response as JSON. Read units: as AWS counts them for items of "
        "this size, eventually consistent.",
        "ms: nearly all of it is the emulator, which scans the whole partition for each Query; "
        "DynamoDB does not.",
    ]
    return result


class List:
    """One list, which each run reads completely."""

    def __init__(self, table: TodoTable, limit: int) -> None:
        self._table, self._limit = table, limit
        self.reads = Reads()
        """Reads of the last run."""

    def run(self) -> float:
        """Return the seconds to read the whole list."""
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
    """Return the bytes by "DynamoDB item sizes and formats"; a number counts as its digits."""
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
    """Each Query reads only the items of its page; the last page may be empty."""
    largest, pages = max(reads.items), -(-TODOS // limit)
    fine = sum(reads.items) == TODOS and largest <= limit and len(reads.items) <= pages + 1
    return Target(
        f"pages of {limit}, {size} table: one Query per page, which reads only its items",
        f"{len(reads.items)} with at most {largest}, {sum(reads.items)} in total",
        fine,
    )
