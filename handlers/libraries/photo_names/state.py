"""Reads the state of a photo, the object below `photos/`."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from . import PHOTOS

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

State = dict[str, Any]


def read_state(client: "S3Client", bucket: str, photo: str) -> State | None:
    """Return the state of a photo; None if it was not processed yet."""
    return read_json(client, bucket, f"{PHOTOS}{photo}.json")


def read_json(client: "S3Client", bucket: str, key: str) -> dict[str, Any] | None:
    """Return the JSON object that is stored under a key; None if there is none."""
    try:
        answer = client.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    content: dict[str, Any] = json.loads(answer["Body"].read())
    return content
