"""Rejected records, as Amazon Data Firehose and AWS IoT rules write them to S3."""

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Rejected:
    """One rejected record."""

    raw: bytes
    """The record as it was in the source."""
    arrived_at: int
    """ms since 1970."""
    line: bytes
    """Its line in the error object."""

    @property
    def partition_key(self) -> str:
        """The device, as in the rule; a fixed key for records without a device."""
        try:
            return str(json.loads(self.raw)["device"])[:256] or "recover"
        except (ValueError, KeyError, TypeError):
            return "recover"

    def for_event(self, record_id: str) -> dict[str, Any]:
        """Return the record as a transformation event has it."""
        return {
            "recordId": record_id,
            "approximateArrivalTimestamp": self.arrived_at,
            "data": base64.b64encode(self.raw).decode(),
        }


def read(content: bytes, modified: datetime) -> list[Rejected]:
    """Read the records of an error object, one line of JSON each.

    "Handle failure in data transformation" (Amazon Data Firehose), "Error handling (error action)"
    (AWS IoT).

    Args:
        content: the object, compressed or not.
        modified: when the object was written. It is the arrival time of records from a rule.
    """
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    return [_rejected(line, modified) for line in text.splitlines() if line.strip()]


def write(rejected: Sequence[Rejected]) -> bytes:
    """Return an error object of these records."""
    return b"".join(each.line + b"\n" for each in rejected)


def _rejected(line: bytes, modified: datetime) -> Rejected:
    entry = json.loads(line)
    if "rawData" in entry:
        return Rejected(base64.b64decode(entry["rawData"]), int(entry["arrivalTimestamp"]), line)
    received_at = int(modified.timestamp() * 1000)
    wrapped = {
        "data": entry["base64OriginalPayload"],
        "device": entry["topic"].rpartition("/")[2],
        "received_at": received_at,
    }
    return Rejected(json.dumps(wrapped).encode(), received_at, line)
