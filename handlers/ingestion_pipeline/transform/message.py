"""Reads a Firehose record: a producer's record, or a device message wrapped by the IoT rule."""

from typing import Any, NamedTuple

import orjson
import pybase64
from telemetry_schema import Rejected

_WRAPPED = {"data", "device", "received_at"}


class Message(NamedTuple):
    """A device message, or the record of a trusted producer."""

    body: Any
    """The parsed JSON."""
    raw: bytes
    device: str | None
    """The device whose topic the message was published to. None for a producer with AWS
    credentials."""
    received_at: int
    """Unix milliseconds."""


def read(data: Any, arrived_at: Any) -> Message:
    """Decode and parse a record.

    The IoT rule wraps each message as `{"data": <base64>, "device": ..., "received_at": ...}`, so
    that a message may have any bytes and a device cannot send for another one. The message of a
    device is always inside `data`, so it cannot forge a wrapper.

    Args:
        data: `data` of the Firehose record.
        arrived_at: `approximateArrivalTimestamp` of the Firehose record.

    Raises:
        Rejected: `not-json`, or `no-arrival-time`.
    """
    if type(arrived_at) is not int:
        raise Rejected("no-arrival-time")
    try:
        raw = pybase64.b64decode(data, validate=True)
        body = orjson.loads(raw)
        if type(body) is dict and len(body) == 3 and body.keys() == _WRAPPED:
            raw = pybase64.b64decode(body["data"], validate=True)
            device, received_at = body["device"], body["received_at"]
            if type(device) is not str or type(received_at) is not int:
                raise Rejected("not-json")
            return Message(orjson.loads(raw), raw, device, received_at)
    except (ValueError, TypeError):
        raise Rejected("not-json") from None
    return Message(body, raw, None, arrived_at)
