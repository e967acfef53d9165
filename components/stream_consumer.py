"""StreamConsumer: records of a Kinesis stream to a Lambda function; none is lost, none blocks."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import AccessArgs, allow, check_access
from ._blocks.alarms import Alarms
from ._blocks.bucket import Bucket
from ._blocks.function import Function, FunctionsArgs, check_functions
from ._blocks.validate import Problems

_LIBRARIES = ("aws_clients", "environment")


class StreamConsumerArgs(TypedDict):
    stream_arn: pulumi.Input[str]
    """ARN of the Kinesis stream."""
    code: str
    """Folder with the function's `app.py`, or a function of this package by name. It answers with
    `batchItemFailures`, as Lambda has it: the sequence number of the first record that failed."""
    libraries: NotRequired[Sequence[str]]
    """Libraries of this package to bundle with it. Default: `["aws_clients", "environment"]`."""
    access: NotRequired[Sequence[AccessArgs]]
    """What the function may reach besides the stream. Default: nothing."""
    functions: NotRequired[FunctionsArgs]
    """How the function runs. Default: arm64, Python 3.13, logs kept for 30 days."""
    timeout: NotRequired[int]
    """Seconds that one batch may take, 1 to 900. Default: 30."""
    memory: NotRequired[int]
    """MiB of the function, 128 to 10240. Default: 256."""
    batch_size: NotRequired[int]
    """Records handed to the function at once, 1 to 10000. Default: 100."""
    max_retry_attempts: NotRequired[int]
    """How often a batch is tried again before its records go to the failure bucket, 0 to 1000.
    Default: 5."""
    max_record_age_minutes: NotRequired[int]
    """Age at which a record goes there untried, 1 to 10080 minutes. Default: 720."""
    behind_minutes: NotRequired[int]
    """How far behind the stream is an alarm, 1 to 10080 minutes. Default: 5."""
    failure_retention_days: NotRequired[int]
    """Days that records wait in the failure bucket, 1 to 3650. Default: 90."""
    retain_data: NotRequired[bool]
    """Whether the failure bucket refuses to be deleted with its content. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class StreamConsumer(pulumi.ComponentResource):
    """Kinesis stream -> Lambda function, and a bucket of the records that it fails on.

    Default settings: partial batch failures; a failing batch is halved until the bad record is
    alone, tried a limited number of times, and then kept, whole, in a bucket, so that its shard
    goes on; alarms on errors, throttles, being behind and records in that bucket.
    """

    function_name: pulumi.Output[str]
    """Name of the Lambda function."""
    function_arn: pulumi.Output[str]
    """ARN of the Lambda function."""
    failures_bucket_name: pulumi.Output[str]
    """Bucket of the records that the function failed on, below `aws/lambda/`."""

    def __init__(
        self, name: str, args: StreamConsumerArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:StreamConsumer", name, {}, opts)
        _check(name, args)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        failures = Bucket(
            f"{name}-failures",
            parent=self,
            retain=args.get("retain_data", True),
            expire_days=int(args.get("failure_retention_days", 90)),
        )
        function = self._create_function(failures)
        self._create_alarms(function, self._create_mapping(function, failures))

        self.alarm_arns: Sequence[pulumi.Output[str]] = self._alarms.arns
        self.function_name, self.function_arn = function.function_name, function.arn
        self.failures_bucket_name = failures.bucket_name
        self.register_outputs(
            {
                "function_name": self.function_name,
                "function_arn": self.function_arn,
                "failures_bucket_name": self.failures_bucket_name,
            }
        )

    def _create_function(self, failures: Bucket) -> Function:
        reads = [
            *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
            *("kinesis:GetShardIterator", "kinesis:ListShards"),
        ]
        own: AccessArgs = {
            "statements": [
                allow(reads, self._args["stream_arn"]),
                # Lambda writes there by the function's own role, below this prefix.
                failures.grant_write("aws/lambda/"),
                failures.grant_list(),
            ]
        }
        return Function(
            f"{self._name}-function",
            self._args["code"],
            parent=self,
            settings=self._args.get("functions", {}),
            alarms=self._alarms,
            libraries=self._args.get("libraries", _LIBRARIES),
            access=[own, *self._args.get("access", ())],
            timeout=int(self._args.get("timeout", 30)),
            memory=int(self._args.get("memory", 256)),
        )

    def _create_mapping(
        self, function: Function, failures: Bucket
    ) -> aws.lambda_.EventSourceMapping:
        return aws.lambda_.EventSourceMapping(
            f"{self._name}-mapping",
            event_source_arn=self._args["stream_arn"],
            function_name=function.arn,
            starting_position="TRIM_HORIZON",
            batch_size=int(self._args.get("batch_size", 100)),
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=int(self._args.get("max_retry_attempts", 5)),
            maximum_record_age_in_seconds=60 * int(self._args.get("max_record_age_minutes", 720)),
            function_response_types=["ReportBatchItemFailures"],
            destination_config={"on_failure": {"destination_arn": failures.arn}},
            metrics_config={"metrics": ["EventCount"]},
            opts=self._opts,
        )

    def _create_alarms(self, function: Function, mapping: aws.lambda_.EventSourceMapping) -> None:
        minutes = int(self._args.get("behind_minutes", 5))
        self._alarms.above(
            "iterator-age",
            minutes * 60_000,
            "AWS/Lambda/IteratorAge",
            {"FunctionName": function.function_name},
            statistic="Maximum",
            minutes=3,
            meaning=f"The function is more than {minutes} minutes behind its stream.",
        )
        self._alarms.above(
            "failure-store",
            0,
            "AWS/Lambda/OnFailureDestinationDeliveredEventCount",
            {"EventSourceMappingUUID": mapping.uuid},
            meaning="Records that the function fails on went to the failure bucket.",
        )


def _check(name: str, args: StreamConsumerArgs) -> None:
    problems = Problems("StreamConsumer", name)
    problems.unknown(args, StreamConsumerArgs.__annotations__)
    arn = args.get("stream_arn", "")
    fine = not isinstance(arn, str) or ":kinesis:" in arn
    problems.that(fine, "stream_arn", f"'{arn}' is not the ARN of a Kinesis stream")
    for key, least, most, unit in (
        ("timeout", 1, 900, "seconds"),
        ("memory", 128, 10240, "MiB"),
        ("batch_size", 1, 10000, "records"),
        ("max_retry_attempts", 0, 1000, "tries"),
        ("max_record_age_minutes", 1, 10080, "minutes"),
        ("behind_minutes", 1, 10080, "minutes"),
        ("failure_retention_days", 1, 3650, "days"),
    ):
        problems.between(args, key, least, most, unit)
    check_access(problems, "access", args.get("access", ()))
    check_functions(problems, args.get("functions", {}))
    problems.report()
