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
    try:
        answer = client.get_object(Bucket=bucket, Key=f"{PHOTOS}{photo}.json")
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    state: State = json.loads(answer["Body"].read())
    return state
