"""Events, and their outbox rows."""

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
    """Name in the past tense: the bus's detail type, such as `OrderCreated`."""
    version: int
    """Version of its schema, from 1."""
    aggregate_id: str
    """What it happened to, such as the order's ID."""
    sequence: int
    """Its place among the aggregate's events, from 1."""
    data: dict[str, Any]
    """What its schema describes."""

    def __str__(self) -> str:
        """Name the event in errors and logs."""
        return f"event {self.type} v{self.version} (sequence {self.sequence})"


def row(event: Event, source: str, now: datetime) -> "dict[str, AttributeValueTypeDef]":
    """Make the outbox row of an event.

    The event's ID follows from its place, so that a repeated attempt names the same event. Rows
    are stamped a microsecond apart by sequence: the sweeper's index then keeps their order.

    Raises:
        InvalidEvent: the data has no JSON text (NaN, a lone surrogate, a type of Python's own).
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
