"""The shards of a mapping's stream, with their read positions."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, Protocol

from ministack.core.responses import get_region
from ministack.services import dynamodb, kinesis, lambda_svc

from .record import Record


class Shard(Protocol):
    """A shard of a stream, read in order."""

    id: str

    def is_open(self) -> bool:
        """Return whether the stream exists and can be read."""

    def read(self, limit: int) -> list[Record]:
        """Return the next records. They stay the next ones until `advance`."""

    def advance(self, records: list[Record]) -> None:
        """Move the position behind records that were read."""


class TableShard:
    """The only shard of a table's stream."""

    id = "shardId-00000000000000000000-00000000"

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self._mapping, self._stream = mapping["UUID"], mapping["EventSourceArn"]
        self._table = self._stream.split("/")[1]

    def is_open(self) -> bool:
        table = dynamodb._tables.get(self._table)
        return bool(table) and table.get("LatestStreamArn") == self._stream

    def read(self, limit: int) -> list[Record]:
        records: list[Record] = dynamodb.stream_records_since(self._table, self._position(), limit)
        return records

    def advance(self, records: list[Record]) -> None:
        position = self._position() + len(records)
        with lambda_svc._dynamodb_stream_positions_lock:
            lambda_svc._dynamodb_stream_positions[self._mapping] = position

    def _position(self) -> int:
        with lambda_svc._dynamodb_stream_positions_lock:
            known = lambda_svc._dynamodb_stream_positions.get(self._mapping, 0)
        return int(max(known, dynamodb.stream_start_position(self._table)))


class StreamShard:
    """A shard of a Kinesis stream."""

    def __init__(self, mapping: Mapping[str, Any], stream: Mapping[str, Any], id_: str) -> None:
        self.id = id_
        self._stream, self._shard = stream, stream["shards"][id_]
        role = lambda_svc._functions[mapping["FunctionName"]]["config"]["Role"]
        self._about = {
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": role,
            "awsRegion": get_region(),
            "eventSourceARN": stream["StreamARN"],
        }
        latest = mapping["StartingPosition"] != "TRIM_HORIZON" and self._shard["records"]
        self._last = latest[-1]["SequenceNumber"] if latest else ""
        """The sequence number of the last record that was read. Older records may be deleted."""

    def is_open(self) -> bool:
        return kinesis._streams.get(self._stream["StreamName"]) is self._stream

    def read(self, limit: int) -> list[Record]:
        stored = self._shard["records"]
        start = bisect_right(stored, self._last, key=lambda each: each["SequenceNumber"])
        return [self._record(each) for each in stored[start : start + limit]]

    def advance(self, records: list[Record]) -> None:
        self._last = records[-1]["kinesis"]["sequenceNumber"]

    def _record(self, stored: Mapping[str, Any]) -> Record:
        return {
            **self._about,
            "eventID": f"{self.id}:{stored['SequenceNumber']}",
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": stored["PartitionKey"],
                "sequenceNumber": stored["SequenceNumber"],
                "data": kinesis._ensure_base64(stored["Data"]),
                "approximateArrivalTimestamp": stored["ApproximateArrivalTimestamp"],
            },
        }


def shards(mapping: Mapping[str, Any]) -> list[Shard]:
    """Return all shards of a mapping's stream. Shards from later resharding are not read."""
    arn = mapping["EventSourceArn"]
    if ":dynamodb:" in arn:
        return [TableShard(mapping)]
    stream = kinesis._resolve_stream_by_arn(arn)
    return [StreamShard(mapping, stream, id_) for id_ in stream["shards"]] if stream else []
