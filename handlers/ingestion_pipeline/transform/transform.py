"""Transforms a batch of Firehose records into lines of the table."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import pybase64
from reingestion import Put, Source
from telemetry_schema import Rejected, Schema

from .message import read
from .readings import Duplicate, Readings, Window
from .reply import LIMIT, Reply


class Putter(Protocol):
    """See `reingestion.Reingestion`."""

    def put(self, source: Source, records: Sequence[Put]) -> list[int]:
        """Return the indexes of the records that could not be put."""


class Outcome(NamedTuple):
    """The result of a batch."""

    records: list[dict[str, Any]]
    """The records of the response."""
    counts: "Counter[str]"
    """Number of records that are `ok`, `late` (also `ok`), `duplicate` or `reingested`, and number
    of rejected records for each reason."""
    reasons: dict[str, str]
    """Reason and field of each rejected record, by record ID."""


class Transform:
    """Callable that handles a batch."""

    def __init__(
        self,
        schema: Schema,
        window: Window,
        reingestion: Putter,
        limit: int = LIMIT,
    ) -> None:
        self._schema = schema
        self._window = window
        self._reingestion = reingestion
        self._limit = limit

    def __call__(self, event: dict[str, Any]) -> Outcome:
        """Transform the records of an event, with one result for each."""
        records = event["records"]
        readings = Readings(self._schema, self._window)
        reply = Reply(records, self._limit)
        counts: Counter[str] = Counter()
        reasons: dict[str, str] = {}
        aside = []
        for record in records:
            try:
                message = read(record.get("data"), record.get("approximateArrivalTimestamp"))
                line, day = readings.line(message)
            except Rejected as rejected:
                counts[rejected.reason] += 1
                reasons[record["recordId"]] = str(rejected)
                reply.fail(record)
            except Duplicate:
                counts["duplicate"] += 1
                reply.drop(record)
            else:
                if not reply.ok(record, line, day):
                    aside.append(record)
        counts["ok"] = len(records) - counts.total() - len(aside)
        counts["late"] = readings.late
        if aside:
            self._set_aside(event, aside, reply, counts)
        return Outcome(reply.records, counts, reasons)

    def _set_aside(
        self,
        event: dict[str, Any],
        aside: list[dict[str, Any]],
        reply: Reply,
        counts: "Counter[str]",
    ) -> None:
        """Put records that do not fit into the response into the stream again."""
        puts = [Put(pybase64.b64decode(each["data"]), _partition_key(each)) for each in aside]
        left = set(self._reingestion.put(Source.of(event), puts))
        for index, record in enumerate(aside):
            if index in left:
                reply.fail(record)
            else:
                reply.drop(record)
        counts["reingested"] = len(aside) - len(left)
        counts["not-reingested"] = len(left)


def _partition_key(record: dict[str, Any]) -> str:
    metadata = record.get("kinesisRecordMetadata") or {}
    return str(metadata.get("partitionKey", record["recordId"]))[:256]
