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
    """Read an SQS message: a notification of S3, directly, by SNS or by EventBridge, or a schedule.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html

    Raises:
        BadRecord: the body is none of these.
    """
    message_id = str(record["messageId"])
    try:
        body = json.loads(record["body"])
        if body.get("Type") == "Notification":  # the envelope of SNS
            body = json.loads(body["Message"])
        if body.get("detail-type") == "Scheduled Event":
            return Request(message_id, _yesterday_and_today(body["time"]), frozenset())
        found = list(_found(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadRecord("neither a notification of S3 nor a scheduled event") from error
    days = frozenset(match[1] for key, _ in found if (match := _DAY.search(key)))
    return Request(message_id, days, frozenset(identity for _, identity in found))


def _found(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield key and identity of each object version in the body."""
    if body.get("Event") == "s3:TestEvent":
        return  # S3 sends it when notifications are configured
    if (body.get("source"), body.get("detail-type")) == ("aws.s3", "Object Created"):
        detail = body["detail"]
        entry, bucket = detail["object"], detail["bucket"]["name"]
        version = entry.get("version-id") or entry.get("sequencer") or entry["etag"]
        yield entry["key"], f"{bucket}/{entry['key']}#{version}"  # EventBridge encodes no keys
        return
    yield from _objects(body["Records"])


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
