"""The lines that go into the table, and the day whose partition they belong to."""

from dataclasses import dataclass
from functools import lru_cache
from time import gmtime, strftime

import orjson
from telemetry_schema import Rejected, Schema

from .message import Message

# One byte as a number is found eight times as fast as a string of one byte.
_QUOTE, _BRACE, _BACKSLASH, _NEWLINE, _RETURN = b'"}\\\n\r'
_DAY = 24 * 3600 * 1000
_RECEIVED = b',"received_at":'
_LATE, _IN_TIME = b',"late":true}\n', b',"late":false}\n'


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
        keys = schema.keys
        self._id, self._device, self._time = keys.id, keys.device, keys.time
        self._newest, self._late_after, self._oldest = -window.ahead, window.late, window.oldest
        self._seen: dict[str, bytes] = {}

    def line(self, message: Message) -> tuple[bytes, str]:
        """The line of a message, and its day (`2026-11-21`).

        Raises:
            Rejected: see `Schema.check`; further `wrong-device`, `id-reused`, `too-old` and
                `in-future`.
            Duplicate: it is the repetition of a message of this batch.
        """
        record, raw, device, received_at = message
        texts = self._schema.check(record)
        if device is not None and device != record[self._device]:
            raise Rejected("wrong-device", self._device)
        measured_at: int = record[self._time]
        age = received_at - measured_at
        if not self._newest <= age <= self._oldest:
            raise Rejected("in-future" if age < 0 else "too-old", self._time)
        self._once(record[self._id], raw)
        day = _day(measured_at // _DAY)
        late = age > self._late_after
        if late:
            self.late += 1
        # A checked record is flat: each field has two quotes, and two more if it is text. A text
        # with more of them has a field twice, over which the table's reader stumbles.
        if (
            raw.count(_QUOTE) == 2 * (len(record) + texts)
            and raw[-1] == _BRACE
            and _BACKSLASH not in raw
            and _NEWLINE not in raw
            and _RETURN not in raw
            and not self._day_column
        ):  # as it is, which saves writing it anew
            ending = _LATE if late else _IN_TIME
            return b"%b%b%d%b" % (raw[:-1], _RECEIVED, received_at, ending), day
        record["received_at"], record["late"] = received_at, late
        if self._day_column:
            record["day"] = day
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE), day

    def _once(self, id_: str, raw: bytes) -> None:
        """Batches know nothing of each other: Firehose may send one again that was not delivered.
        What repeats in another batch is left to the queries."""
        before = self._seen.setdefault(id_, raw)
        if before is not raw:
            raise Duplicate if before == raw else Rejected("id-reused", self._id)


@lru_cache(1000)
def _day(number: int) -> str:
    return strftime("%Y-%m-%d", gmtime(number * _DAY // 1000))
