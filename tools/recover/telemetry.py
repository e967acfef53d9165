"""Rejected records of an ingestion pipeline."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from tools.stack_outputs import CommandError, System

from . import queues
from .rejected import Rejected, read, write

# The module that the transform itself uses.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "handlers/libraries"))
from reingestion import Put, Reingestion, Source

if TYPE_CHECKING:
    from types_boto3_firehose import FirehoseClient
    from types_boto3_kinesis import KinesisClient
    from types_boto3_s3 import S3Client

FOLDER = "errors/"
_BATCH = 500
_BATCH_BYTES = 1_000_000


class _Clients:
    """See `reingestion.PutClients`."""

    @property
    def firehose(self) -> "FirehoseClient":
        return boto3.client("firehose")

    @property
    def kinesis(self) -> "KinesisClient":
        return boto3.client("kinesis")


class Telemetry:
    """The rejected records that the lake of one system keeps below `errors/`.

    The deployed transform checks each record. Records that it accepts by now go back to the source;
    the others stay. Repeated records do no harm: queries count each once.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self._s3: S3Client = boto3.client("s3")
        # Longer than the transform's timeout; the SDK's default of 60 s would invoke it twice.
        self._lambda = boto3.client("lambda", config=Config(read_timeout=70))
        self._reingestion = Reingestion(_Clients())
        self._source = Source(str(system.outputs.get("stream") or ""), system["deliveryStream"])

    def recover(self, dry_run: bool = False) -> int:
        """Send the accepted records again, and print the counts.

        Returns:
            The number of records that stay.
        """
        accepted, remaining = 0, Counter[str]()
        for key, tag, rejected in self.rejected():
            reasons = self.reasons(rejected)
            again = [each for each, reason in zip(rejected, reasons, strict=True) if not reason]
            remaining.update(reason for reason in reasons if reason)
            accepted += len(again)
            if again and not dry_run:
                not_sent = self._put(again)
                left = [each for each, reason in zip(rejected, reasons, strict=True) if reason]
                self._keep(key, tag, left + not_sent)
                accepted -= len(not_sent)
                remaining["could not be sent"] += len(not_sent)
        print(f"records {'to send' if dry_run else 'sent'} again: {accepted}")
        for reason, count in sorted((+remaining).items()):
            print(f"records that stay: {count} ({reason})")
        names = "reportDeadLetterQueueUrl", "reportQueueUrl"
        queues.recover(boto3.client("sqs"), self._system, *names, dry_run)
        return remaining.total()

    def rejected(self) -> Iterator[tuple[str, str, list[Rejected]]]:
        """Yield key, entity tag and records of each error object."""
        bucket = self._system["lakeBucket"]
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER)
        for listed in (each for page in pages for each in page.get("Contents", [])):
            found = self._s3.get_object(Bucket=bucket, Key=listed["Key"])
            yield listed["Key"], found["ETag"], read(found["Body"].read(), found["LastModified"])

    def reasons(self, rejected: Sequence[Rejected]) -> list[str]:
        """Return why the deployed transform rejects each record; empty if it accepts it."""
        return [reason for batch in _batches(rejected) for reason in self._explain(batch)]

    def _explain(self, batch: list[Rejected]) -> Iterator[str]:
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
            # A user's own transform gives no reasons.
            yield reply.get("reasons", {}).get(str(number), "rejected") if failed else ""

    def _put(self, again: list[Rejected]) -> list[Rejected]:
        """Put records into the source; returns those that failed."""
        puts = [Put(each.raw, each.partition_key) for each in again]
        return [again[index] for index in self._reingestion.put(self._source, puts)]

    def _keep(self, key: str, tag: str, left: list[Rejected]) -> None:
        """Reduce an error object to the records that stay, unless it has changed meanwhile."""
        bucket = self._system["lakeBucket"]
        if left:
            self._s3.put_object(Bucket=bucket, Key=key, Body=write(left), IfMatch=tag)
        else:
            self._s3.delete_object(Bucket=bucket, Key=key, IfMatch=tag)


def _batches(rejected: Sequence[Rejected]) -> Iterator[list[Rejected]]:
    batch: list[Rejected] = []
    size = 0
    for each in rejected:
        if batch and (len(batch) == _BATCH or size + len(each.raw) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += len(each.raw)
    if batch:
        yield batch
