"""Failed invocations that Lambda keeps in a failures bucket."""

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


def recover(bucket: str, function: str, dry_run: bool = False) -> int:
    """Invoke a function again for each object of its failures bucket, and print how many succeeded.

    The records go to the function, not into the stream, where other consumers would get them a
    second time.

    Returns:
        The number of objects that failed again.
    """
    failures = Failures(bucket, function)
    keys = list(failures.keys())
    if dry_run:
        print(f"failures bucket: objects waiting: {len(keys)}")
        return 0
    recovered = sum(map(failures.recover, keys))
    print(f"failures bucket: objects recovered: {recovered} of {len(keys)}")
    return len(keys) - recovered


class Failures:
    """The failed invocations of one function."""

    def __init__(self, bucket: str, function: str) -> None:
        self._bucket, self._function = bucket, function
        self._s3: S3Client = boto3.client("s3")
        # As long as a function may run; the SDK's default of 60 s would send a slow batch twice.
        config = Config(read_timeout=910, retries={"mode": "standard"})
        self._lambda: LambdaClient = boto3.client("lambda", config=config)

    def keys(self) -> Iterator[str]:
        """Yield the key of each object."""
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket):
            for listed in page.get("Contents", []):
                yield listed["Key"]

    def recover(self, key: str) -> bool:
        """Invoke the function with the records of an object; delete it if all are processed."""
        answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        payload = _payload(answer["Body"].read())
        if payload is None:
            return _not_recovered(key, "not a failed invocation")
        invoked = self._lambda.invoke(
            FunctionName=self._function, Payload=json.dumps(payload).encode()
        )
        result = json.loads(invoked["Payload"].read() or b"null") or {}  # as Lambda reads null
        if "FunctionError" in invoked or not isinstance(result, dict):
            return _not_recovered(key, "the function failed")
        if result.get("batchItemFailures"):
            return _not_recovered(key, f"{len(result['batchItemFailures'])} records failed again")
        try:
            # The function may have stored a record that still fails under the same key: keep it.
            self._s3.delete_object(Bucket=self._bucket, Key=key, IfMatch=answer["ETag"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return _not_recovered(key, "still cannot be sent")
        return True


def _not_recovered(key: str, reason: str) -> bool:
    print(f"  {key}: {reason}", file=sys.stderr)
    return False


def _payload(content: bytes) -> dict[str, Any] | None:
    """Return the event of the function, which Lambda's destination writes as text or an object."""
    try:
        payload = json.loads(content)["payload"]
        event = json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, KeyError, TypeError):
        return None
    return event if isinstance(event, dict) and "Records" in event else None
