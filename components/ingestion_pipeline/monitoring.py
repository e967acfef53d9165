"""What an ingestion pipeline is watched by: its alarms and its dashboard."""

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
    """Alarms on delay, refused records and the bytes that queries read."""
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
        meaning="The oldest record that is not in S3 yet waits for ten minutes too long.",
    )
    alarms.above(
        "rejected",
        rejected_per_minute,
        "Colonnade/Rejected",
        {"DeliveryStream": delivery_name},
        minutes=5,
        entry="rejected-records",
        meaning="Many records do not follow their schema.",
    )
    alarms.above(
        "scanned",
        max_scan_mib * 1024**2,
        "AWS/Athena/ProcessedBytes",
        {"WorkGroup": workgroup_name, "QueryState": "SUCCEEDED", "QueryType": "DML"},
        minutes=3,
        entry="scanned-bytes",
        meaning="The queries of a minute read more than one of them may.",
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
    """Records in, records refused, delay, and what queries read."""
    delivery = {"DeliveryStreamName": delivery_name}
    counted = {"DeliveryStream": delivery_name}
    dashboard = Dashboard()
    dashboard.graph(
        "Records accepted, refused, late, repeated",
        [
            (f"Colonnade/{each}", counted)
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
        "Bytes that queries read",
        [
            (
                "AWS/Athena/ProcessedBytes",
                {"WorkGroup": workgroup_name, "QueryState": "SUCCEEDED", "QueryType": "DML"},
            )
        ],
    )
    dashboard.create(name, parent, transform.arn, transform.function_name, alarm_arns)
