"""Records that Lambda gave up on: whole in a bucket, and their way back to the function."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client


class Failures:
    """The failed invocations that a bucket keeps of a function."""

    def __init__(self, bucket: str, function: str) -> None:
        self._bucket, self._function = bucket, function
        self._s3: S3Client = boto3.client("s3")
        # As long as a function may take; the SDK's own 60 s would send a slow batch twice.
        config = Config(read_timeout=910, retries={"mode": "standard"})
        self._lambda: LambdaClient = boto3.client("lambda", config=config)

    def keys(self) -> Iterator[str]:
        """Where each of them lies."""
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket):
            for listed in page.get("Contents", []):
                yield listed["Key"]

    def send_again(self, key: str) -> bool:
        """Hand one's records to the function; delete it once the function has taken them all."""
        answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        payload = _payload(answer["Body"].read())
        if payload is None:
            return _stays(key, "no failed invocation")
        invoked = self._lambda.invoke(
            FunctionName=self._function, Payload=json.dumps(payload).encode()
        )
        result = json.loads(invoked["Payload"].read() or b"null") or {}  # as Lambda reads null
        if "FunctionError" in invoked or not isinstance(result, dict):
            return _stays(key, "the function failed")
        if result.get("batchItemFailures"):
            return _stays(key, f"{len(result['batchItemFailures'])} records failed again")
        try:
            # A record that is still hopeless may be kept anew under the same key: that one stays.
            self._s3.delete_object(Bucket=self._bucket, Key=key, IfMatch=answer["ETag"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return _stays(key, "still cannot be sent")
        return True


def _stays(key: str, reason: str) -> bool:
    print(f"  {key}: {reason}", file=sys.stderr)
    return False


def _payload(content: bytes) -> dict[str, Any] | None:
    """The function's whole event, which Lambda's destination writes as text or as an object."""
    try:
        payload = json.loads(content)["payload"]
        event = json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, KeyError, TypeError):
        return None
    return event if isinstance(event, dict) and "Records" in event else None
