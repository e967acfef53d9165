"""Reads the messages of the queue: which days need new reports."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from partial_batch import BadRecord

_DAY = re.compile(r"/day=(\d{4}-\d{2}-\d{2})/")


@dataclass(frozen=True)
class Request:
    """The content of one message."""

    message_id: str
    days: frozenset[str]
    objects: frozenset[str]
    """Identity of each object version in the message. Empty for a scheduled event."""


def read(record: Mapping[str, Any]) -> Request:
    """Read an SQS message whose body is an S3 notification or a scheduled event of EventBridge.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

    Raises:
        BadRecord: the body is neither.
    """
    message_id = str(record["messageId"])
    try:
        body = json.loads(record["body"])
        if body.get("detail-type") == "Scheduled Event":
            return Request(message_id, _yesterday_and_today(body["time"]), frozenset())
        # When notifications are configured, S3 sends a test message without records.
        found = list(_objects(body.get("Records", [])))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRecord("neither an S3 notification nor a scheduled event") from error
    days = frozenset(match[1] for key, _ in found if (match := _DAY.search(key)))
    return Request(message_id, days, frozenset(identity for _, identity in found))


def _objects(records: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield key and identity of each object version."""
    for record in records:
        bucket, entry = record["s3"]["bucket"]["name"], record["s3"]["object"]
        key = unquote_plus(entry["key"])
        version = entry.get("versionId") or entry.get("sequencer") or entry["eTag"]
        yield key, f"{bucket}/{key}#{version}"


def _yesterday_and_today(time: str) -> frozenset[str]:
    today = datetime.fromisoformat(time).date()
    before: date = today - timedelta(days=1)
    return frozenset((today.isoformat(), before.isoformat()))
