"""Calls of PutRecords and PutRecordBatch, which retry the records that fail."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from .source import Put, Source

if TYPE_CHECKING:
    from types_boto3_firehose import FirehoseClient
    from types_boto3_kinesis import KinesisClient

_MAX_RECORDS = 500
_MAX_BYTES = 4_000_000
"""Limits of a call. Firehose accepts 4 MiB, Kinesis more.
https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html"""
_ATTEMPTS = 4
_FIRST_PAUSE = 0.1


class PutClients(Protocol):
    """The AWS clients of `Reingestion`, which uses one of them for each source."""

    @property
    def firehose(self) -> "FirehoseClient": ...
    @property
    def kinesis(self) -> "KinesisClient": ...


class Reingestion:
    """Puts records into the source of a delivery stream."""

    def __init__(self, clients: PutClients) -> None:
        self._clients = clients

    def put(self, source: Source, records: Sequence[Put]) -> list[int]:
        """Put all records, and retry those that fail.

        Returns:
            The indexes of the records that could not be put.
        """
        left = list(range(len(records)))
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_FIRST_PAUSE * 2**attempt)
            left = [
                index
                for part in _parts(left, records)
                for index in self._failed(source, part, records)
            ]
            if not left:
                break
        return left

    def _failed(self, source: Source, part: list[int], records: Sequence[Put]) -> list[int]:
        try:
            failed = self._call(source, [records[index] for index in part])
        except (BotoCoreError, ClientError):
            return part
        return [index for index, has_failed in zip(part, failed, strict=True) if has_failed]

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
    """Yield groups that fit into one call."""
    part: list[int] = []
    size = 0
    for index in indexes:
        own = len(records[index].data) + len(records[index].partition_key)
        if part and (len(part) == _MAX_RECORDS or size + own > _MAX_BYTES):
            yield part
            part, size = [], 0
        part.append(index)
        size += own
    if part:
        yield part
