"""Converts events to outbox rows."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pending_index import INDEX, shard_of

from .errors import InvalidEvent

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

_NAMESPACE = uuid.UUID("5a3f6a0c-52c8-5c0e-9d52-8a8f0f0a7e11")


@dataclass(frozen=True)
class Event:
    """An event of one aggregate."""

    type: str
    """Name in the past tense, which is the detail type on the bus: `OrderCreated`."""
    version: int
    """Version of its schema, from 1."""
    aggregate_id: str
    """ID of the aggregate, such as the ID of an order."""
    sequence: int
    """Sequence number among the events of the aggregate, from 1."""
    data: dict[str, Any]
    """The data that the schema describes."""

    def __str__(self) -> str:
        """Return a name for errors and logs."""
        return f"event {self.type} v{self.version} (sequence {self.sequence})"


def row(event: Event, source: str, now: datetime) -> "dict[str, AttributeValueTypeDef]":
    """Return the outbox row of an event.

    The event ID is derived from aggregate and sequence, so that a repeated attempt has the same ID.
    The times of rows differ by a microsecond per sequence number, so that the index of the sweeper
    keeps their order.

    Raises:
        InvalidEvent: the data cannot be JSON (NaN, an unpaired surrogate, a type only of Python).
    """
    event_id = str(uuid.uuid5(_NAMESPACE, f"{source}/{event.aggregate_id}/{event.sequence}"))
    created = (now + timedelta(microseconds=event.sequence)).isoformat(timespec="microseconds")
    metadata = {
        "eventId": event_id,
        "aggregateId": event.aggregate_id,
        "sequence": event.sequence,
        "version": event.version,
        "occurredAt": created,
    }
    return {
        "aggregateId": {"S": event.aggregate_id},
        "sequence": {"N": str(event.sequence)},
        "eventId": {"S": event_id},
        "source": {"S": source},
        "detailType": {"S": event.type},
        "version": {"N": str(event.version)},
        "detail": {"S": _text(event, {"metadata": metadata, "data": event.data})},
        "createdAt": {"S": created},
        INDEX: {"S": shard_of(event.aggregate_id)},
    }


def _text(event: Event, detail: dict[str, Any]) -> str:
    try:
        text = json.dumps(detail, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:
        raise InvalidEvent(str(event), "data", "has text that is not Unicode") from None
    except (TypeError, ValueError):
        raise InvalidEvent(str(event), "data", "is not JSON") from None
    return text
