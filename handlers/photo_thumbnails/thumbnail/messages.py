"""Reads the messages of the queue: which uploads changed.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import json
from typing import Any
from urllib.parse import unquote_plus

from partial_batch import BadRecord


def changed_keys(body: str, bucket: str, prefix: str) -> list[str]:
    """Return the keys of the uploads in a message; none for the test event of S3.

    Keys outside the bucket and prefix are ignored: thumbnails of thumbnails would cause a loop.

    Raises:
        BadRecord: it is not a message of S3.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRecord("not JSON") from None
    if isinstance(message, dict) and message.get("Event") == "s3:TestEvent":
        return []
    try:
        found = [_place(record) for record in message["Records"]]
    except (AttributeError, KeyError, TypeError):
        raise BadRecord("not a notification of S3") from None
    keys = [key for name, key in found if name == bucket and key.startswith(prefix)]
    return list(dict.fromkeys(keys))


def _place(record: dict[str, Any]) -> tuple[str, str]:
    """Return bucket and key. S3 encodes a space as a plus sign, the rest as UTF-8 in percents."""
    s3 = record["s3"]
    return s3["bucket"]["name"], unquote_plus(s3["object"]["key"])
