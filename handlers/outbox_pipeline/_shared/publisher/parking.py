"""Stores records that a retry cannot process, until `recover` sends them again."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .rows import Record

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_EVENT_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


def park(record: Record, reason: str, bucket: str, s3: "S3Client") -> None:
    """Write a record in the format of a Lambda failure destination: `payload` is a whole event.

    Every attempt writes the same key. `parkedAt` shows whether a record was parked again.
    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

    Raises:
        ClientError, BotoCoreError: the object could not be written.
    """
    document = {
        "reason": reason,
        "parkedAt": datetime.now(UTC).isoformat(),
        "payload": {"Records": [record]},
    }
    s3.put_object(
        Bucket=bucket,
        Key=f"parked/{_name(record)}.json",
        Body=_text(document).encode(),
        ContentType="application/json",
    )


def _name(record: Record) -> str:
    """Return the event ID, or a digest of the row if it has none."""
    image = record.get("dynamodb", {}).get("NewImage", {})
    event_id = image.get("eventId", {}).get("S", "")
    if isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id):
        return event_id
    return hashlib.sha256(_text(image or record).encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=_binary)


def _binary(value: object) -> str:
    """Encode a binary attribute as Lambda does in events."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)
