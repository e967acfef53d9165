"""Records that a pipeline has set aside, as Data Firehose and IoT rules write them to S3."""

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Refused:
    """One record."""

    raw: bytes
    """As it was in the source."""
    arrived_at: int
    """ms since 1970."""
    line: bytes
    """The line of the error object that it is from."""

    @property
    def partition_key(self) -> str:
        """By device, as the rule has it; one for all that is from nowhere else."""
        try:
            return str(json.loads(self.raw)["device"])[:256] or "redrive"
        except (ValueError, KeyError, TypeError):
            return "redrive"

    def for_event(self, record_id: str) -> dict[str, Any]:
        """The record in a transformation event."""
        return {
            "recordId": record_id,
            "approximateArrivalTimestamp": self.arrived_at,
            "data": base64.b64encode(self.raw).decode(),
        }


def read(content: bytes, modified: datetime) -> list[Refused]:
    """The records of an error object, lines of JSON.

    "Handle failure in data transformation" (Amazon Data Firehose), "Error handling (error action)"
    (AWS IoT).

    Args:
        content: of the object, compressed or not.
        modified: when it was written: the time of what a rule could not put.
    """
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    return [_refused(line, modified) for line in text.splitlines() if line.strip()]


def write(refused: Sequence[Refused]) -> bytes:
    """An error object of these records."""
    return b"".join(each.line + b"\n" for each in refused)


def _refused(line: bytes, modified: datetime) -> Refused:
    told = json.loads(line)
    if "rawData" in told:
        return Refused(base64.b64decode(told["rawData"]), int(told["arrivalTimestamp"]), line)
    received_at = int(modified.timestamp() * 1000)
    wrapped = {
        "data": told["base64OriginalPayload"],
        "device": told["topic"].rpartition("/")[2],
        "received_at": received_at,
    }
    return Refused(json.dumps(wrapped).encode(), received_at, line)
