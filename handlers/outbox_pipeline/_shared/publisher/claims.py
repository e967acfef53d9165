"""Claim checks: details too large for the bus are stored in a bucket; the event has the key."""

import json
from typing import TYPE_CHECKING, Any

from .rows import InvalidRecord, Row, utf8_size

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def store_claim(row: Row, bucket: str, s3: "S3Client") -> None:
    """Store the row's detail in an object named by the event ID, and replace it by a claim check.

    Every attempt writes the same object.

    Raises:
        InvalidRecord: the detail is not JSON with `metadata.eventId`.
        ClientError, BotoCoreError: the object could not be written.
    """
    detail = row.entry["Detail"]
    metadata = _metadata(detail)
    key = f"claims/{metadata['eventId']}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=detail.encode(), ContentType="application/json")
    claim = {"metadata": metadata, "claimCheck": {"bucket": bucket, "key": key}}
    row.entry["Detail"] = json.dumps(claim, separators=(",", ":"), ensure_ascii=False)
    row.size += utf8_size(row.entry["Detail"]) - utf8_size(detail)


def _metadata(detail: str) -> dict[str, Any]:
    try:
        metadata: dict[str, Any] = json.loads(detail)["metadata"]
        if not isinstance(metadata["eventId"], str):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidRecord("the detail is too large and has no metadata.eventId") from None
    return metadata
