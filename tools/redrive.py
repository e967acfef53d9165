"""Drive refused records through again: `python -m tools.redrive --stack dev [--dry-run]`.

Each record that the lake keeps below `errors/` is shown to the deployed transform. What it takes by
now goes back to where it came from; the rest stays, with its reason. Nothing leaves its place
before it has arrived: an interruption repeats records, which queries count once.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import queues
from .refused import Refused, read, write
from .stack_outputs import CommandError, System, add_stack_options, find_system

# As the transform itself has it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "handlers/libraries"))
from reingestion import Put, Reingestion, Source

if TYPE_CHECKING:
    from types_boto3_firehose import FirehoseClient
    from types_boto3_kinesis import KinesisClient
    from types_boto3_s3 import S3Client

FOLDER = "errors/"
_BATCH = 500
_BATCH_BYTES = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when nothing is left that was refused, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.redrive",
        description="Send the records again that a telemetry system has refused.",
    )
    parser.add_argument("--system", default="telemetry", help="the system (default: telemetry)")
    add_stack_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="only count, by reason")
    options = parser.parse_args(arguments)
    try:
        system = find_system(options.system, options.stack, options.outputs)
        os.environ.update(system.environment)
        left = Redrive(system).run(options.dry_run)
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"redrive: {error}", file=sys.stderr)
        return 1
    return 1 if left else 0


class _Clients:
    """See `reingestion.PutClients`."""

    @property
    def firehose(self) -> "FirehoseClient":
        return boto3.client("firehose")

    @property
    def kinesis(self) -> "KinesisClient":
        return boto3.client("kinesis")


class Redrive:
    """The refused records of one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._s3: S3Client = boto3.client("s3")
        # As long as the transform may take; the SDK's own 60 s would ask a slow one twice.
        self._lambda = boto3.client("lambda", config=Config(read_timeout=70))
        self._reingestion = Reingestion(_Clients())
        self._source = Source(str(system.outputs.get("stream") or ""), system["deliveryStream"])

    def run(self, dry_run: bool) -> int:
        """Drive all through, and print what became of them; returns how many stay."""
        fits, stay = 0, Counter[str]()
        for key, tag, refused in self.refused():
            reasons = self.reasons(refused)
            again = [each for each, reason in zip(refused, reasons, strict=True) if not reason]
            stay.update(reason for reason in reasons if reason)
            fits += len(again)
            if again and not dry_run:
                not_taken = self._put(again)
                left = [each for each, why in zip(refused, reasons, strict=True) if why]
                self._keep(key, tag, left + not_taken)
                fits -= len(not_taken)
                stay["could not be put back"] += len(not_taken)
        print(f"{fits} records {'would go' if dry_run else 'went'} back")
        for reason, count in sorted((+stay).items()):
            print(f"{count} records stay: {reason}")
        self._reports(dry_run)
        return stay.total()

    def refused(self) -> Iterator[tuple[str, str, list[Refused]]]:
        """Key, entity tag and records of each error object."""
        bucket = self._system["lakeBucket"]
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER)
        for listed in (each for page in pages for each in page.get("Contents", [])):
            found = self._s3.get_object(Bucket=bucket, Key=listed["Key"])
            yield listed["Key"], found["ETag"], read(found["Body"].read(), found["LastModified"])

    def reasons(self, refused: Sequence[Refused]) -> list[str]:
        """Why the deployed transform refuses each record; empty for one that it takes."""
        return [reason for batch in _batches(refused) for reason in self._explain(batch)]

    def _explain(self, batch: list[Refused]) -> Iterator[str]:
        event = {
            "explain": True,
            "deliveryStreamArn": self._source.delivery_stream,
            "records": [each.for_event(str(number)) for number, each in enumerate(batch)],
        }
        answer = self._lambda.invoke(
            FunctionName=self._system["transformFunction"], Payload=json.dumps(event)
        )
        reply: Any = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise CommandError(f"the transform failed: {reply.get('errorMessage', 'no reason')}")
        results = {each["recordId"]: each["result"] for each in reply["records"]}
        for number in range(len(batch)):
            failed = results[str(number)] == "ProcessingFailed"
            # A transform of the caller's own gives no reasons.
            yield reply.get("reasons", {}).get(str(number), "refused") if failed else ""

    def _put(self, again: list[Refused]) -> list[Refused]:
        """Put records back; returns those that were not taken."""
        puts = [Put(each.raw, each.partition_key) for each in again]
        return [again[index] for index in self._reingestion.put(self._source, puts)]

    def _keep(self, key: str, tag: str, left: list[Refused]) -> None:
        """Leave of an error object what stays; what has changed meanwhile is left alone."""
        bucket = self._system["lakeBucket"]
        if left:
            self._s3.put_object(Bucket=bucket, Key=key, Body=write(left), IfMatch=tag)
        else:
            self._s3.delete_object(Bucket=bucket, Key=key, IfMatch=tag)

    def _reports(self, dry_run: bool) -> None:
        sqs = boto3.client("sqs")
        dead = self._system["reportDeadLetterQueueUrl"]
        if dry_run:
            print(f"{queues.count(sqs, dead)} requests for reports wait")
        else:
            moved = queues.move(sqs, dead, self._system["reportQueueUrl"])
            print(f"{moved} requests for reports moved")


def _batches(refused: Sequence[Refused]) -> Iterator[list[Refused]]:
    batch: list[Refused] = []
    size = 0
    for each in refused:
        if batch and (len(batch) == _BATCH or size + len(each.raw) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += len(each.raw)
    if batch:
        yield batch


if __name__ == "__main__":
    sys.exit(main())
