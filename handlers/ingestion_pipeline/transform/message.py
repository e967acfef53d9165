"""What one Firehose record holds: what a producer put, or what the IoT rule made of a message."""

from typing import Any, NamedTuple

import orjson
import pybase64
from telemetry_schema import Rejected

_WRAPPED = {"data", "device", "received_at"}


class Message(NamedTuple):
    """A message of a device, or a record of a trusted producer."""

    body: Any
    """The parsed JSON."""
    raw: bytes
    device: str | None
    """The device whose topic it came on; None for a producer with AWS credentials."""
    received_at: int
    """ms since 1970."""


def read(data: str, arrived_at: int) -> Message:
    """Take a record apart.

    The IoT rule wraps each message as `{"data": <base64>, "device": ..., "received_at": ...}`, so
    that any bytes come through, and a device cannot speak for another one. A device's own message
    is always inside of `data`: it cannot pass for a wrapper.

    Args:
        data: `data` of the Firehose record.
        arrived_at: `approximateArrivalTimestamp` of the Firehose record.

    Raises:
        Rejected: `not-json`.
    """
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
