"""Converts messages to lines of the table, with the day of their partition."""

from dataclasses import dataclass
from functools import lru_cache
from time import gmtime, strftime

import orjson
from telemetry_schema import Rejected, Schema

from .message import Message

# Finding a byte by its number is eight times as fast as by a string of one byte.
_QUOTE, _BRACE, _BACKSLASH, _NEWLINE, _RETURN = b'"}\\\n\r'
_DAY = 24 * 3600 * 1000
_MAX_UNCHANGED = 2_048
"""Maximum size of a line that is stored as it came, in bytes. White space can make it any size."""
_RECEIVED = b',"received_at":'
_LATE, _IN_TIME = b',"late":true}\n', b',"late":false}\n'


@dataclass(frozen=True)
class Window:
    """Which measurement times are accepted, in milliseconds relative to the arrival."""

    late: int
    """Age above which a reading is marked as late."""
    oldest: int
    """Maximum age: each further day is a partition that Firehose keeps open."""
    ahead: int
    """Maximum time in the future, which means that the clock of the device is wrong."""


class Duplicate(Exception):
    """The batch contains the same reading before."""


class Readings:
    """The lines of one batch."""

    def __init__(self, schema: Schema, window: Window) -> None:
        self.late = 0
        """Number of late readings."""
        self._schema = schema
        keys = schema.keys
        self._id, self._device, self._time = keys.id, keys.device, keys.time
        self._newest, self._late_after, self._oldest = -window.ahead, window.late, window.oldest
        self._seen: dict[str, bytes] = {}

    def line(self, message: Message) -> tuple[bytes, str]:
        """Return the line of a message and its day, such as `2026-11-21`.

        Raises:
            Rejected: see `Schema.check`; also `wrong-device`, `id-reused`, `too-old` and
                `in-future`.
            Duplicate: the batch contains the same message before.
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
        # A checked record is flat: each field has two quotes, and two more if it is text. JSON
        # with more quotes has a field twice, which the reader of the table cannot parse.
        if (
            len(raw) <= _MAX_UNCHANGED
            and raw.count(_QUOTE) == 2 * (len(record) + texts)
            and raw[-1] == _BRACE
            and _BACKSLASH not in raw
            and _NEWLINE not in raw
            and _RETURN not in raw
        ):  # unchanged, which is faster than to serialize it again
            ending = _LATE if late else _IN_TIME
            return b"%b%b%d%b" % (raw[:-1], _RECEIVED, received_at, ending), day
        record["received_at"], record["late"] = received_at, late
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE), day

    def _once(self, id_: str, raw: bytes) -> None:
        """Reject an ID that this batch contains already.

        Batches are independent, as Firehose may resend one that was not delivered. The queries
        remove duplicates in other batches.
        """
        before = self._seen.setdefault(id_, raw)
        if before is not raw:
            raise Duplicate if before == raw else Rejected("id-reused", self._id)


@lru_cache(1000)
def _day(number: int) -> str:
    return strftime("%Y-%m-%d", gmtime(number * _DAY // 1000))
