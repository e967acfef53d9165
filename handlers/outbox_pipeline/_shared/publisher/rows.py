"""Converts stream records of the outbox table to entries of PutEvents."""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

Record = dict[str, Any]

Key = tuple[str, str]
"""Aggregate ID and sequence number of a row."""


@dataclass(slots=True)
class Row:
    """A row to send to the bus."""

    index: int
    record: Record
    key: Key
    entry: "PutEventsRequestEntryTypeDef"
    size: int


Lane = deque[Row]
"""The rows of one aggregate, by sequence number."""


class InvalidRecord(ValueError):
    """A record that can never be sent. The message names the attribute, not its value."""


def read_row(index: int, record: Record, bus: str) -> Row:
    """Convert the new image of a record to a row.

    Raises:
        InvalidRecord: an attribute is missing or has another type.
    """
    try:
        image = record["dynamodb"]["NewImage"]
        source, detail_type = image["source"]["S"], image["detailType"]["S"]
        detail = image["detail"]["S"]
        key = image["aggregateId"]["S"], image["sequence"]["N"]
    except (KeyError, TypeError) as error:
        raise InvalidRecord(f"no attribute {error}") from None
    return Row(
        index,
        record,
        key,
        {"Source": source, "DetailType": detail_type, "Detail": detail, "EventBusName": bus},
        utf8_size(source) + utf8_size(detail_type) + utf8_size(detail),
    )


def key_of(record: Record) -> list[Key]:
    """Return the key of a record's row; empty if the record does not contain it."""
    change = record.get("dynamodb") or {}
    image = change.get("NewImage") or change.get("Keys") or {}
    try:
        return [(image["aggregateId"]["S"], image["sequence"]["N"])]
    except (KeyError, TypeError):
        return []


def in_order(lane: Lane) -> Lane:
    """Sort by sequence number: the rows of one transaction may reach the stream in any order."""
    return lane if len(lane) == 1 else deque(sorted(lane, key=lambda row: float(row.key[1])))


def utf8_size(text: str) -> int:
    """Return the size of a text in bytes. `isascii` only reads a flag of the string.

    EventBridge counts these for `Source`, `DetailType` and `Detail` (and 14 for a `Time`, which is
    not set: the event's own time is in its metadata).
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
    """
    return len(text) if text.isascii() else len(text.encode())


def take_chunk(ready: "deque[Lane]", limit: int) -> list[Lane]:
    """Take the lanes whose first rows fit into one call: at most 10 entries and `limit` bytes.

    A call has one row of each lane, as entries fail individually and a row must never overtake an
    earlier one of its aggregate.
    """
    chunk: list[Lane] = []
    size = 0
    while ready and len(chunk) < 10:
        size += ready[0][0].size
        if chunk and size > limit:
            break
        chunk.append(ready.popleft())
    return chunk
