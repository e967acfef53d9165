"""The lines that go into the table, and the day whose partition they belong to."""

from dataclasses import dataclass
from functools import lru_cache
from time import gmtime, strftime

import orjson
from telemetry_schema import Rejected, Schema

from .message import Message

_DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class Window:
    """Which times of measurement are taken, in ms before and after a message came."""

    late: int
    """Older ones are marked as late."""
    oldest: int
    """Older ones are refused: each further day is a partition that Firehose keeps open."""
    ahead: int
    """Later ones are refused: the device's clock is wrong."""


class Duplicate(Exception):
    """The same reading came before in this batch."""


class Readings:
    """The lines of one batch."""

    def __init__(self, schema: Schema, window: Window, day_column: bool = False) -> None:
        """Begin a batch; `day_column` writes the day into the lines, too."""
        self._day_column = day_column
        self.late = 0
        """How many came late."""
        self._schema = schema
        self._window = window
        self._seen: dict[str, bytes] = {}

    def line(self, message: Message) -> tuple[bytes, str]:
        """The line of a message, and its day (`2026-11-21`).

        Raises:
            Rejected: see `Schema.check`; further `wrong-device`, `id-reused`, `too-old` and
                `in-future`.
            Duplicate: it is the repetition of a message of this batch.
        """
        keys, window = self._schema.keys, self._window
        record = self._schema.check(message.body)
        if message.device is not None and message.device != record[keys.device]:
            raise Rejected("wrong-device", keys.device)
        measured_at: int = record[keys.time]
        age = message.received_at - measured_at
        if age < -window.ahead:
            raise Rejected("in-future", keys.time)
        if age > window.oldest:
            raise Rejected("too-old", keys.time)
        self._once(record[keys.id], message.raw)
        late = age > window.late
        self.late += late
        record["received_at"], record["late"] = message.received_at, late
        day = _day(measured_at // _DAY)
        if self._day_column:
            record["day"] = day
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE), day

    def _once(self, id_: str, raw: bytes) -> None:
        """Batches know nothing of each other: Firehose may send one again that was not delivered.
        What repeats in another batch is left to the queries."""
        before = self._seen.setdefault(id_, raw)
        if before is not raw:
            raise Duplicate if before == raw else Rejected("id-reused", self._schema.keys.id)


@lru_cache(1000)
def _day(number: int) -> str:
    return strftime("%Y-%m-%d", gmtime(number * _DAY // 1000))
