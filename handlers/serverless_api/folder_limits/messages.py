"""Reads the messages of the queue: which files were written."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import user_folder
from partial_batch import BadRecord


@dataclass(frozen=True)
class WrittenFile:
    """A file as it was written: a later write is another notification."""

    key: str
    size: int
    etag: str
    version: str
    """Version ID; empty in a bucket without versions."""


def written_files(body: str, bucket: str) -> list[WrittenFile]:
    """Return the files of a message; none for the test event of S3, nor for other buckets.

    Raises:
        BadRecord: it is not a message of S3.
    """
    try:
        message = json.loads(body)
    except (TypeError, ValueError, RecursionError):
        raise BadRecord("not JSON") from None
    if isinstance(message, dict) and message.get("Event") == "s3:TestEvent":
        return []
    try:
        found = [(each["s3"]["bucket"]["name"], _file(each["s3"])) for each in message["Records"]]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadRecord("not a notification of S3") from None
    return [
        file for name, file in found if name == bucket and file.key.startswith(user_folder.PREFIX)
    ]


def _file(s3: dict[str, Any]) -> WrittenFile:
    item = s3["object"]
    # S3 encodes a space as a plus sign, the rest as UTF-8 in percents.
    key = unquote_plus(item["key"])
    return WrittenFile(key, int(item["size"]), str(item["eTag"]), str(item.get("versionId", "")))
