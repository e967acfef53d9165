"""Delivery streams buffer, compress and partition records, and store failed ones.

Stock 1.5.33 transforms and writes each record alone, immediately and uncompressed. It drops what
the transform marks as ProcessingFailed, delivers records untransformed if the function fails or
omits a record, and gives the function no metadata of the Kinesis stream. It does not check roles.

AWS: "Configure buffering hints", "Transform source data in Amazon Data Firehose", "Handle failure
in data transformation", "Partition streaming data in Amazon Data Firehose", "Controlling access
with Amazon Data Firehose". Buffering intervals are 30 times shorter here. (A put to a stock stream
also reads every record of the stream, so twenty thousand records take a minute.)

ministack has fixed this when tests/emulator/test_delivery_streams.py passes with
`unpatched=("delivery_streams",)`.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

from ministack.core.responses import get_region
from ministack.services import firehose, kinesis

from ..clients import Clients
from ..delivery.delivery import Delivery
from ..delivery.record import Record
from ..policies import role_allows_cached
from . import Server

_READS = ("kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream")


def apply(server: Server) -> None:
    deliveries: dict[str, Delivery] = {}
    clients = Clients(f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}", server.secret)

    def delivery(stream: dict[str, Any]) -> Delivery:
        found = deliveries.get(stream["arn"])
        if (
            found is None or found.stream is not stream
        ):  # a stream with the same name, before a reset
            found = deliveries[stream["arn"]] = Delivery(stream, get_region(), clients)
            found.start()
        return found

    def put(stream: dict[str, Any], dest: dict[str, Any], records: Sequence[Any]) -> None:
        now = int(time.time() * 1000)
        dest["records"].clear()  # stock stores every record forever
        delivery(stream).add([Record(id_, now, data) for id_, data in records])

    def ingest(stream_arn: str, records: Sequence[tuple[str, bytes]]) -> None:
        for stream in list(firehose._streams.values()):
            source = stream.get("kinesis_source") or {}
            if source.get("KinesisStreamARN") != stream_arn or not _may_read(source):
                continue
            now = int(time.time() * 1000)
            delivery(stream).add(
                [_from_kinesis(partition_key, data, now) for partition_key, data in records]
            )

    firehose._deliver_records_to_s3 = put
    firehose.ingest_from_kinesis_source = ingest
    _check_only_the_oldest()


def _check_only_the_oldest() -> None:
    expire = kinesis._expire_records

    def expire_if_due(stream: dict[str, Any]) -> None:
        cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
        oldest = (shard["records"][0] for shard in stream["shards"].values() if shard["records"])
        if any(each["ApproximateArrivalTimestamp"] < cutoff for each in oldest):
            expire(stream)

    kinesis._expire_records = expire_if_due


def _may_read(source: dict[str, Any]) -> bool:
    role, stream = source["RoleARN"], source["KinesisStreamARN"]
    return all(role_allows_cached(role, each, stream) for each in _READS)


def _from_kinesis(partition_key: str, data: bytes, now: int) -> Record:
    id_ = firehose._record_id()
    about = {
        "shardId": "shardId-000000000000",
        "partitionKey": partition_key,
        "approximateArrivalTimestamp": now,
        "sequenceNumber": id_,
        "subsequenceNumber": 0,
    }
    return Record(id_, now, data, about)
