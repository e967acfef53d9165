"""Reads the event in an SQS message: the EventBridge envelope, the detail and the claim check."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from partial_batch import BadRecord

VERSION = 1
"""The version of OrderCreated that this consumer reads."""


@dataclass(frozen=True)
class OrderCreated:
    """An OrderCreated event, which starts a shipment."""

    event_id: str
    aggregate_id: str
    sequence: int
    data: dict[str, Any]


def read_event(body: str, claims_bucket: str, get_claim: Callable[[str], bytes]) -> OrderCreated:
    """Read a message.

    Args:
        body: body of the message, an EventBridge event.
            https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
        claims_bucket: the only bucket that a claim check may refer to.
        get_claim: reads an object of that bucket.

    Raises:
        BadRecord: it is not an OrderCreated event of a known version. The message names the
            invalid member, and never contains a value of the order.
    """
    detail = _member(_json(body, "body"), "detail", dict)
    if "claimCheck" in detail:
        detail = _claimed(detail, claims_bucket, get_claim)
    metadata = _member(detail, "metadata", dict)
    version = _member(metadata, "version", int)
    if version != VERSION:
        raise BadRecord(f"metadata.version is {version}; this consumer knows {VERSION}")
    return OrderCreated(
        _member(metadata, "eventId", str),
        _member(metadata, "aggregateId", str),
        _member(metadata, "sequence", int),
        _member(detail, "data", dict),
    )


def _claimed(
    detail: dict[str, Any], claims_bucket: str, get_claim: Callable[[str], bytes]
) -> dict[str, Any]:
    claim = _member(detail, "claimCheck", dict)
    key = _member(claim, "key", str)
    # An event must not choose which other objects this function reads.
    if claim.get("bucket") != claims_bucket or not key.startswith("claims/"):
        raise BadRecord("claimCheck names another place than the claims bucket")
    whole = _json(get_claim(key), "the claimed object")
    if whole.get("metadata") != detail.get("metadata"):
        raise BadRecord("the claimed object is another event")
    return whole


def _json(text: str | bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise BadRecord(f"{name} is not JSON") from None
    if not isinstance(value, dict):
        raise BadRecord(f"{name} is not an object")
    return value


def _member(value: dict[str, Any], name: str, kind: type) -> Any:
    member = value.get(name)
    if not isinstance(member, kind) or isinstance(member, bool):
        raise BadRecord(f"{name} is missing or not of type {kind.__name__}")
    return member
