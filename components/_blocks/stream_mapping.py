"""Streams that invoke a function: a record that fails is kept, and its shard continues."""

from typing import Optional

import pulumi
import pulumi_aws as aws

from .access import StatementArgs, allow
from .alarms import Alarms
from .bucket import Bucket
from .function import Function

_FAILURE_PREFIX = "aws/lambda/"
"""Lambda writes the failed records below this prefix."""


def grant_kinesis_stream(stream_arn: pulumi.Input[str], failures: Bucket) -> list[StatementArgs]:
    """Permissions of a function that a Kinesis stream invokes."""
    actions = [
        *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
        *("kinesis:GetShardIterator", "kinesis:ListShards"),
    ]
    return [allow(actions, stream_arn), *_grant_failures(failures)]


def grant_table_stream(stream_arn: pulumi.Input[str], failures: Bucket) -> list[StatementArgs]:
    """Permissions of a function that the stream of a DynamoDB table invokes."""
    actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
    # Listing streams has no resource-level permission.
    lists = allow(["dynamodb:ListStreams"], "*")
    return [allow(actions, stream_arn), lists, *_grant_failures(failures)]


def _grant_failures(failures: Bucket) -> list[StatementArgs]:
    """Lambda writes to the bucket with the role of the function."""
    return [failures.grant_write(_FAILURE_PREFIX), failures.grant_list()]


def create_stream_mapping(
    name: str,
    function: Function,
    stream_arn: pulumi.Input[str],
    failures: Bucket,
    *,
    parent: pulumi.Resource,
    batch_size: int,
    max_retry_attempts: int,
    max_record_age_minutes: Optional[int] = None,
    pattern: Optional[str] = None,
) -> aws.lambda_.EventSourceMapping:
    """Create an event source mapping that isolates the records that a function fails on.

    A batch that fails is halved until the failing record is alone. After the last retry the record
    is written to a bucket, and the shard continues.

    Args:
        name: name of the mapping.
        function: the function; its role has the permissions of `grant_..._stream`.
        stream_arn: the stream; its records are read from the oldest one on.
        failures: the bucket that failed records are written to.
        parent: the component it belongs to.
        batch_size: maximum number of records of one invocation.
        max_retry_attempts: how often a batch is retried.
        max_record_age_minutes: age at which a record fails without being tried. Default: none.
        pattern: JSON pattern of the records that invoke the function. Default: all records.
    """
    return aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=stream_arn,
        function_name=function.arn,
        starting_position="TRIM_HORIZON",
        filter_criteria={"filters": [{"pattern": pattern}]} if pattern else None,
        batch_size=batch_size,
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=max_retry_attempts,
        maximum_record_age_in_seconds=(
            60 * max_record_age_minutes if max_record_age_minutes else None
        ),
        function_response_types=["ReportBatchItemFailures"],
        destination_config={"on_failure": {"destination_arn": failures.arn}},
        metrics_config={"metrics": ["EventCount"]},  # Lambda sends the metric only on request
        opts=pulumi.ResourceOptions(parent=parent),
    )


def create_stream_alarms(
    alarms: Alarms,
    function: Function,
    mapping: aws.lambda_.EventSourceMapping,
    *,
    minutes: int,
    late: str,
    failed: str,
    entries: tuple[str, str] = ("", ""),
) -> None:
    """Create the alarms of a mapping: on the delay of its records and on failed records.

    Args:
        alarms: creates the alarms.
        function: the function.
        mapping: what `create_stream_mapping` returned.
        minutes: delay behind the stream that triggers an alarm.
        late: what the alarm on the delay means.
        failed: what the alarm on failed records means.
        entries: headings of both alarms in the runbook. Default: the names of the alarms.
    """
    alarms.above(
        "iterator-age",
        minutes * 60_000,
        "AWS/Lambda/IteratorAge",
        {"FunctionName": function.function_name},
        statistic="Maximum",
        minutes=3,
        entry=entries[0],
        meaning=late,
    )
    alarms.above(
        "failure-store",
        0,
        "AWS/Lambda/OnFailureDestinationDeliveredEventCount",
        {"EventSourceMappingUUID": mapping.uuid},
        entry=entries[1],
        meaning=failed,
    )
