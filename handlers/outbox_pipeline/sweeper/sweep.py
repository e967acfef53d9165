"""One run of the sweeper."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, Any

from embedded_metrics import put_metrics

from .._shared.publisher import Publisher
from .pending import Item, oldest_first, still_pending
from .settings import Settings

if TYPE_CHECKING:
    from .._shared.publisher.publisher import PublisherClients

_BATCH = 100
"""Maximum number of rows that one BatchGetItem reads."""


class Sweep:
    """Callable that does one run. It has no state between runs."""

    def __init__(
        self,
        settings: Settings,
        clients: "PublisherClients",
        publisher: Publisher | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._publisher = publisher or Publisher(settings, clients)
        self._clock = clock

    def __call__(self, more_time: Callable[[], bool]) -> dict[str, int]:
        """Resend overdue rows, oldest first, as long as there is time, and put the metrics."""
        now = self._clock()
        entries = oldest_first(self._settings.outbox_table, self._clients.dynamodb)
        oldest = next(entries, None)
        counts = {"oldestUnsentSeconds": 0, "resent": 0, "parked": 0, "failed": 0}
        try:
            if oldest:
                counts["oldestUnsentSeconds"] = int(now - _created(oldest))
                due = takewhile(self._is_due(now), chain([oldest], entries))
                self._resend(due, more_time, counts)
        finally:
            put_metrics(
                {"OutboxTable": self._settings.outbox_table},
                {"Resent": counts["resent"]},
                {"OldestUnsentSeconds": counts["oldestUnsentSeconds"]},
            )
        return counts

    def _is_due(self, now: float) -> Callable[[Item], bool]:
        return lambda entry: now - _created(entry) > self._settings.resend_after_seconds

    def _resend(
        self, due: Iterator[Item], more_time: Callable[[], bool], counts: dict[str, int]
    ) -> None:
        failed: set[str] = set()
        while more_time() and (entries := list(islice(due, _BATCH))):
            rows, unread = still_pending(
                self._settings.outbox_table, entries, self._clients.dynamodb
            )
            failed |= {key["aggregateId"]["S"] for key in unread}
            counts["failed"] += len(unread)
            # A row must not overtake an earlier one of its aggregate that failed in this run.
            rows = [row for row in rows if row["aggregateId"]["S"] not in failed]
            report = self._publisher.publish(_records(rows), more_time)
            failed |= {rows[index]["aggregateId"]["S"] for index in report.failed}
            counts["resent"] += report.sent
            counts["parked"] += report.parked
            counts["failed"] += len(report.failed)


def _created(entry: Item) -> float:
    """Return the time when a row was written, in Unix seconds; 0 if it is not a valid time."""
    try:
        moment = datetime.fromisoformat(entry["createdAt"]["S"])
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _records(rows: Sequence[Item]) -> list[dict[str, Any]]:
    """Convert rows to stream records, which is also the format of parked records."""
    return [{"eventName": "INSERT", "dynamodb": {"NewImage": row}} for row in rows]
