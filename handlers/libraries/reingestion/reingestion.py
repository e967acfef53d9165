"""Calls of PutRecords and PutRecordBatch, which retry the records that fail."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from .source import Put, Source

if TYPE_CHECKING:
    from types_boto3_firehose import FirehoseClient
    from types_boto3_kinesis import KinesisClient

_MOST_RECORDS = 500
_MOST_BYTES = 4_000_000
"""Of a call; Firehose takes 4 MiB, Kinesis more.
https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html"""
_TRIES = 4
_FIRST_PAUSE = 0.1


class PutClients(Protocol):
    """The clients it uses, one of them."""

    @property
    def firehose(self) -> "FirehoseClient": ...
    @property
    def kinesis(self) -> "KinesisClient": ...


class Reingestion:
    """Puts records."""

    def __init__(self, clients: PutClients) -> None:
        """It makes no calls yet."""
        self._clients = clients

    def put(self, source: Source, records: Sequence[Put]) -> list[int]:
        """Put every record.

        Returns:
            The indexes of those that could not be put, however often they were tried.
        """
        left = list(range(len(records)))
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_FIRST_PAUSE * 2**attempt)
            left = [
                index
                for part in _parts(left, records)
                for index in self._refused(source, part, records)
            ]
            if not left:
                break
        return left

    def _refused(self, source: Source, part: list[int], records: Sequence[Put]) -> list[int]:
        try:
            failed = self._call(source, [records[index] for index in part])
        except (BotoCoreError, ClientError):
            return part
        return [index for index, refused in zip(part, failed, strict=True) if refused]

    def _call(self, source: Source, records: list[Put]) -> list[bool]:
        if source.kinesis_stream:
            put = self._clients.kinesis.put_records(
                StreamName=source.kinesis_stream,
                Records=[
                    {"Data": each.data, "PartitionKey": each.partition_key} for each in records
                ],
            )
            return ["ErrorCode" in each for each in put["Records"]]
        batch = self._clients.firehose.put_record_batch(
            DeliveryStreamName=source.delivery_stream,
            Records=[{"Data": each.data} for each in records],
        )
        return ["ErrorCode" in each for each in batch["RequestResponses"]]


def _parts(indexes: Sequence[int], records: Sequence[Put]) -> Iterator[list[int]]:
    """Groups that one call takes."""
    part: list[int] = []
    size = 0
    for index in indexes:
        own = len(records[index].data) + len(records[index].partition_key)
        if part and (len(part) == _MOST_RECORDS or size + own > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(index)
        size += own
    if part:
        yield part
