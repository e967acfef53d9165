"""Alarms and dashboard of an ingestion pipeline."""

from collections.abc import Sequence
from typing import Optional

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.dashboard import Dashboard
from .._blocks.function import Function


def create_ingestion_alarms(
    alarms: Alarms,
    *,
    stream_name: Optional[pulumi.Output[str]],
    delivery_name: pulumi.Output[str],
    workgroup_name: pulumi.Output[str],
    buffer_seconds: int,
    rejected_per_minute: int,
    max_scan_mib: int,
) -> None:
    """Create the alarms: on delay, rejected records and the data that queries read."""
    if stream_name is not None:
        alarms.above(
            "stream-behind",
            5 * 60_000,
            "AWS/Kinesis/GetRecords.IteratorAgeMilliseconds",
            {"StreamName": stream_name},
            statistic="Maximum",
            minutes=5,
            meaning="The delivery stream is five minutes behind the stream.",
        )
    alarms.above(
        "freshness",
        buffer_seconds + 600,
        "AWS/Firehose/DeliveryToS3.DataFreshness",
        {"DeliveryStreamName": delivery_name},
        statistic="Maximum",
        minutes=5,
        meaning="Records reach S3 more than ten minutes later than they should.",
    )
    alarms.above(
        "rejected",
        rejected_per_minute,
        "Colonnade/Rejected",
        {"DeliveryStream": delivery_name},
        minutes=5,
        entry="rejected-records",
        meaning="Many records do not match their schema.",
    )
    alarms.above(
        "scanned",
        max_scan_mib * 1024**2,
        "AWS/Athena/ProcessedBytes",
        {"WorkGroup": workgroup_name, "QueryState": "SUCCEEDED", "QueryType": "DML"},
        minutes=3,
        entry="scanned-bytes",
        meaning="The queries of a minute read more data than the limit of one query.",
    )


def create_ingestion_dashboard(
    name: str,
    *,
    parent: pulumi.Resource,
    stream_name: Optional[pulumi.Output[str]],
    delivery_name: pulumi.Output[str],
    workgroup_name: pulumi.Output[str],
    transform: Function,
    report: Function,
    alarm_arns: Sequence[pulumi.Output[str]],
) -> None:
    """Create the dashboard: records, delays, and the data that queries read."""
    delivery = {"DeliveryStreamName": delivery_name}
    records = {"DeliveryStream": delivery_name}
    dashboard = Dashboard()
    dashboard.graph(
        "Records accepted, rejected, late, duplicate, reingested",
        [
            (f"Colonnade/{each}", records)
            for each in ("Accepted", "Rejected", "Late", "Duplicates", "Reingested")
        ],
    )
    dashboard.graph(
        "Delay of delivery (s)",
        [("AWS/Firehose/DeliveryToS3.DataFreshness", delivery)],
        statistic="Maximum",
    )
    if stream_name is not None:
        dashboard.graph(
            "Age of the stream (ms)",
            [("AWS/Kinesis/GetRecords.IteratorAgeMilliseconds", {"StreamName": stream_name})],
            statistic="Maximum",
        )
    functions = [{"FunctionName": each.function_name} for each in (transform, report)]
    dashboard.graph(
        "Time of a batch: transform, report (ms, p99)",
        [("AWS/Lambda/Duration", each) for each in functions],
        statistic="p99",
    )
    dashboard.graph("Errors", [("AWS/Lambda/Errors", each) for each in functions])
    dashboard.graph(
        "Data that queries read (bytes)",
        [
            (
                "AWS/Athena/ProcessedBytes",
                {"WorkGroup": workgroup_name, "QueryState": "SUCCEEDED", "QueryType": "DML"},
            )
        ],
    )
    dashboard.create(name, parent, transform.arn, transform.function_name, alarm_arns)
