"""StreamConsumer: sends the records of a Kinesis stream to a Lambda function."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import AccessArgs, check_access
from ._blocks.alarms import Alarms
from ._blocks.arguments import Between, Matches, Problems, declare, resolve
from ._blocks.bucket import Bucket
from ._blocks.function import Function, FunctionsArgs, FunctionVpcArgs
from ._blocks.stream_mapping import (
    create_stream_alarms,
    create_stream_mapping,
    grant_kinesis_stream,
)


class StreamConsumerArgs(TypedDict):
    stream_arn: pulumi.Input[str]
    """ARN of the Kinesis stream."""
    code: str
    """Folder with the function's `app.py`, or the name of a function of this package. The bundle
    includes the libraries of this package that the code imports. The function returns
    `batchItemFailures` with the sequence number of the first record that failed."""
    access: NotRequired[Sequence[AccessArgs]]
    """Environment variables and permissions to grant to the function. Default: none."""
    vpc: NotRequired[FunctionVpcArgs]
    """VPC of the function, which is then its only network. Default: none."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the function. Default: arm64, Python 3.13, 30 days of logs."""
    timeout: NotRequired[int]
    """Timeout of the function, 1 to 900 seconds. Default: 30."""
    memory: NotRequired[int]
    """Memory of the function, 128 to 10240 MiB. Default: 256."""
    batch_size: NotRequired[int]
    """Maximum number of records of one invocation, 1 to 10000. Default: 100."""
    max_retry_attempts: NotRequired[int]
    """Maximum number of retries of a batch before its records go to the failures bucket, 0 to 1000.
    Default: 5."""
    max_record_age_minutes: NotRequired[int]
    """Age at which a record goes to the failures bucket without being tried, 1 to 10080 minutes.
    Default: 720."""
    max_lag_minutes: NotRequired[int]
    """Delay behind the stream that triggers an alarm, 1 to 10080 minutes. Default: 5."""
    failures_retention_days: NotRequired[int]
    """Retention of records in the failures bucket, 1 to 3650 days. Default: 90."""
    retain_data: NotRequired[bool]
    """Whether the failures bucket is protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    StreamConsumerArgs,
    defaults={
        "access": [],
        "functions": {},
        "timeout": 30,
        "memory": 256,
        "batch_size": 100,
        "max_retry_attempts": 5,
        "max_record_age_minutes": 720,
        "max_lag_minutes": 5,
        "failures_retention_days": 90,
        "retain_data": True,
    },
    limits={
        "stream_arn": Matches(
            r"arn:[^:]+:kinesis:[^:]*:[^:]*:stream/.+", "the ARN of a Kinesis stream"
        ),
        "timeout": Between(1, 900, "seconds"),
        "memory": Between(128, 10240, "MiB"),
        "batch_size": Between(1, 10000, "records"),
        "max_retry_attempts": Between(0, 1000, "retries"),
        "max_record_age_minutes": Between(1, 10080, "minutes"),
        "max_lag_minutes": Between(1, 10080, "minutes"),
        "failures_retention_days": Between(1, 3650, "days"),
    },
)


class StreamConsumer(pulumi.ComponentResource):
    """Kinesis stream -> Lambda function, and a bucket of the records that it fails on.

    Default settings: the function reports partial batch failures. A batch that fails is halved
    until the failing record is alone. After a limited number of retries the complete record is
    written to a bucket, which is encrypted, private and TLS only, and the shard continues. Alarms
    on errors, throttles, delay and failed records are included.
    """

    function_name: pulumi.Output[str]
    """Name of the function."""
    function_arn: pulumi.Output[str]
    """ARN of the function."""
    failures_bucket_name: pulumi.Output[str]
    """Name of the bucket of records that the function failed on, below `aws/lambda/`."""

    def __init__(
        self, name: str, args: StreamConsumerArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:StreamConsumer", name, {}, opts)
        args = resolve("StreamConsumer", name, StreamConsumerArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        failures = Bucket(
            f"{name}-failures",
            parent=self,
            retain=args["retain_data"],
            expire_days=args["failures_retention_days"],
        )
        function = self._create_function(failures)
        create_stream_alarms(
            self._alarms,
            function,
            self._create_mapping(function, failures),
            minutes=args["max_lag_minutes"],
            late=f"The function is more than {args['max_lag_minutes']} minutes behind its stream.",
            failed="The function failed on records, which are in the failures bucket.",
        )

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
        own: AccessArgs = {"statements": grant_kinesis_stream(self._args["stream_arn"], failures)}
        return Function(
            f"{self._name}-function",
            self._args["code"],
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=[own, *self._args["access"]],
            vpc=self._args.get("vpc"),
            timeout=self._args["timeout"],
            memory=self._args["memory"],
        )

    def _create_mapping(
        self, function: Function, failures: Bucket
    ) -> aws.lambda_.EventSourceMapping:
        return create_stream_mapping(
            f"{self._name}-mapping",
            function,
            self._args["stream_arn"],
            failures,
            parent=self,
            batch_size=self._args["batch_size"],
            max_retry_attempts=self._args["max_retry_attempts"],
            max_record_age_minutes=self._args["max_record_age_minutes"],
        )


def _check(problems: Problems, args: StreamConsumerArgs) -> None:
    check_access(problems, "access", args["access"], vpc="" if "vpc" in args else "vpc")
