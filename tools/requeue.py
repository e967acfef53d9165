"""Bring failed events back: `python -m tools.requeue --system orders --stack dev [--dry-run]`.

Records of the failure store go through the relay again, messages of the dead-letter queues back to
their queue. Nothing leaves its place before it has arrived: an interruption repeats events, which
consumers know, and loses none.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import queues
from .stack_outputs import CommandError, System, add_stack_options, find_system

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client

DEAD_LETTERS = {
    "shipOrderDeadLetterQueueUrl": "shipOrderQueueUrl",
    "ruleDeadLetterQueueUrl": "shipOrderQueueUrl",
}
"""Outputs: each dead-letter queue and the queue that its messages belong to."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when everything went back, else 1 with a line that says what did not."""
    options = _parser().parse_args(arguments)
    try:
        system = find_system(options.system, options.stack, options.outputs)
        os.environ.update(system.environment)
        left = requeue(system, options.dry_run)
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"requeue: {error}", file=sys.stderr)
        return 1
    if left:
        print(f"requeue: {left} failed records failed again and stay", file=sys.stderr)
    return 1 if left else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.requeue",
        description="Send the events again that a system has set aside as failed.",
    )
    parser.add_argument("--system", default="orders", help="the system (default: orders)")
    add_stack_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="only count")
    return parser


def requeue(system: System, dry_run: bool = False) -> int:
    """Bring back what failed in a system, and print how much that was.

    Returns:
        How many objects of the failure store failed again.
    """
    left = _requeue_failures(system, dry_run)
    sqs = boto3.client("sqs")
    for dead_letters, queue in DEAD_LETTERS.items():
        # A pipeline without the shipping consumer has no such queues.
        if system.outputs.get(dead_letters):
            source = system[dead_letters]
            count = (
                queues.count(sqs, source) if dry_run else queues.move(sqs, source, system[queue])
            )
            print(f"{dead_letters}: {count} messages {'wait' if dry_run else 'moved'}")
    return left


def _requeue_failures(system: System, dry_run: bool) -> int:
    bucket, relay = system["failuresBucket"], system["relayFunction"]
    s3 = boto3.client("s3")
    # As long as the relay may take; the SDK's own 60 s would send a slow batch twice.
    lambda_ = boto3.client("lambda", config=Config(read_timeout=910, retries={"mode": "standard"}))
    keys = list(_keys(s3, bucket))
    if dry_run:
        print(f"failuresBucket: {len(keys)} objects wait")
        return 0
    done = sum(_relay_again(s3, lambda_, bucket, key, relay) for key in keys)
    print(f"failuresBucket: {done} of {len(keys)} objects relayed")
    return len(keys) - done


def _keys(s3: "S3Client", bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for listed in page.get("Contents", []):
            yield listed["Key"]


def _relay_again(
    s3: "S3Client", lambda_: "LambdaClient", bucket: str, key: str, relay: str
) -> bool:
    """Send one object's records; delete it once the relay has taken them all."""
    answer = s3.get_object(Bucket=bucket, Key=key)
    payload = _payload(answer["Body"].read())
    if payload is None:
        print(f"  {key}: no failed invocation", file=sys.stderr)
        return False
    invoked = lambda_.invoke(FunctionName=relay, Payload=json.dumps(payload).encode())
    result = json.loads(invoked["Payload"].read() or b"null")
    if "FunctionError" in invoked or not isinstance(result, dict):
        print(f"  {key}: the relay failed", file=sys.stderr)
        return False
    if result.get("batchItemFailures"):
        print(f"  {key}: {len(result['batchItemFailures'])} records failed again", file=sys.stderr)
        return False
    try:
        # A record that is still hopeless was parked anew under the same key: that one must stay.
        s3.delete_object(Bucket=bucket, Key=key, IfMatch=answer["ETag"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        print(f"  {key}: still cannot be sent", file=sys.stderr)
        return False
    return True


def _payload(content: bytes) -> dict[str, Any] | None:
    """The function's whole event, which Lambda's destination writes as text or as an object."""
    try:
        payload = json.loads(content)["payload"]
        event = json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, KeyError, TypeError):
        return None
    return event if isinstance(event, dict) and "Records" in event else None


if __name__ == "__main__":
    sys.exit(main())
