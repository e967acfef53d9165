"""Function: a Lambda function with its own role, log group, bundle, tracing and alarms."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .access import (
    AccessArgs,
    StatementArgs,
    account_of,
    allow,
    role_policy,
    security_groups,
    trust_policy,
)
from .alarms import Alarms
from .archive import MAX_UPLOAD_BYTES
from .arguments import Between, OneOf, declare
from .bucket import Bucket
from .bundle import Bundle
from .log_retention import LOG_RETENTION_DAYS
from .runtimes import ARCHITECTURES, PYTHONS

MAX_CONCURRENCY = 100_000

_INTERFACE_ACTIONS = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)


class FunctionsArgs(TypedDict):
    """Settings of all functions of a component."""

    architecture: NotRequired[str]
    """Instruction set architecture: `arm64` or `x86_64`. Default: `arm64`."""
    python: NotRequired[str]
    """Python version of the runtime: `3.12` to `3.14`. If the machine that runs the program has no
    interpreter of this version, uv fetches one. Default: `3.13`."""
    log_retention_days: NotRequired[int]
    """Retention of logs in CloudWatch, one of its steps in days (1, 3, 5, 7, 14, 30, ...).
    Default: 30."""
    reserved_concurrency: NotRequired[int]
    """Reserved concurrency of each function: the number of concurrent executions that are set aside
    for it, which is also its maximum. 0 stops all invocations: the messages of a queue then wait
    unread, for 14 days at most. A function that a queue invokes needs 0 or at least 2. Default: the
    unreserved concurrency of the account."""


declare(
    FunctionsArgs,
    defaults={"architecture": "arm64", "python": "3.13", "log_retention_days": 30},
    limits={
        "architecture": OneOf(ARCHITECTURES),
        "python": OneOf(PYTHONS),
        "log_retention_days": OneOf(LOG_RETENTION_DAYS),
        "reserved_concurrency": Between(0, MAX_CONCURRENCY, "concurrent executions"),
    },
)


class FunctionVpcArgs(TypedDict):
    """Placement of a function in a VPC."""

    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """IDs of private subnets, in several Availability Zones."""
    security_group_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """IDs of the security groups of its network interfaces."""


class Function:
    """A Lambda function. Adds no level to the URN.

    Defaults: JSON logs at INFO in its own log group with a retention, active X-Ray tracing, a role
    with only the permissions of `access`, alarms on errors and throttles. The variable
    `BUCKET_OWNER` of functions that access S3 is the account of their buckets.

    Args:
        name: name of the function, and prefix of its role's and log group's names.
        source: code of the function; see `Bundle.source`.
        parent: the component it belongs to.
        settings: see `FunctionsArgs`.
        alarms: creates its alarms.
        texts: see `Bundle.texts`.
        access: environment variables and permissions to grant to the function.
        environment: further environment variables.
        timeout: timeout in seconds.
        memory: memory in MiB.
        publish: whether each change publishes a version, for an alias.
        vpc: VPC of the function, which is then its only network; None for none.

    Raises:
        BundleError: see `Bundle.build`.
    """

    def __init__(
        self,
        name: str,
        source: str,
        *,
        parent: pulumi.Resource,
        settings: FunctionsArgs,
        alarms: Alarms,
        texts: Sequence[tuple[str, str]] = (),
        access: Sequence[AccessArgs] = (),
        environment: Optional[Mapping[str, pulumi.Input[str]]] = None,
        timeout: int = 30,
        memory: int = 256,
        publish: bool = False,
        vpc: Optional[FunctionVpcArgs] = None,
    ) -> None:
        self.name = name
        self._parent, self._opts = parent, pulumi.ResourceOptions(parent=parent)
        self.timeout = timeout
        self.reserved_concurrency = settings.get("reserved_concurrency")
        bundle = Bundle(
            source,
            settings["architecture"],
            settings["python"],
            tuple(texts),
        )
        self.role = self._create_role()
        self.log_group = self._create_log_group(settings["log_retention_days"])
        grants = [grant for each in access for grant in each.get("statements", ())]
        policy = self._create_policy([*grants, *([_interfaces()] if vpc else [])])
        self.function = self._create_function(
            bundle,
            access,
            {**(environment or {}), **self._bucket_owner(grants)},
            memory=memory,
            publish=publish,
            vpc=vpc,
            depends_on=policy,
        )
        self.arn, self.function_name = self.function.arn, self.function.name
        self.alarm_names = self._create_alarms(alarms)

    def grant_invoke(
        self, caller: str, service: str, source_arn: pulumi.Input[str]
    ) -> aws.lambda_.Permission:
        """Let an AWS service invoke the function on behalf of one resource.

        Args:
            caller: last part of the permission's name.
            service: service principal: `events.amazonaws.com`, `apigateway.amazonaws.com`, ...
            source_arn: ARN of the resource on whose behalf the service acts.
        """
        return aws.lambda_.Permission(
            f"{self.name}-{caller}",
            action="lambda:InvokeFunction",
            function=self.function_name,
            principal=service,
            source_arn=source_arn,
            opts=self._opts,
        )

    def create_alias(self, released_elsewhere: bool) -> aws.lambda_.Alias:
        """Create the alias `live` of the newest version.

        Args:
            released_elsewhere: whether another tool updates the alias; Pulumi then ignores changes
                of its version and weights.
        """
        ignored = ["functionVersion", "routingConfig"] if released_elsewhere else []
        return aws.lambda_.Alias(
            f"{self.name}-live",
            name="live",
            function_name=self.function_name,
            function_version=self.function.version,
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(ignore_changes=ignored)
            ),
        )

    def _create_role(self) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self.name}-role",
            assume_role_policy=trust_policy("lambda.amazonaws.com"),
            opts=self._opts,
        )

    def _create_log_group(self, retention_days: int) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self.name}-logs", retention_in_days=retention_days, opts=self._opts
        )

    def _create_policy(self, statements: Sequence[StatementArgs]) -> aws.iam.RolePolicy:
        streams = pulumi.Output.concat(self.log_group.arn, ":*")
        logs = allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams)
        # X-Ray has no resource-level permissions for traces.
        traces = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")
        return aws.iam.RolePolicy(
            f"{self.name}-policy",
            role=self.role.name,
            policy=role_policy([logs, traces, *statements]),
            opts=self._opts,
        )

    def _create_function(
        self,
        bundle: Bundle,
        access: Sequence[AccessArgs],
        environment: Mapping[str, pulumi.Input[str]],
        *,
        memory: int,
        publish: bool,
        vpc: Optional[FunctionVpcArgs],
        depends_on: pulumi.Resource,
    ) -> aws.lambda_.Function:
        return aws.lambda_.Function(
            self.name,
            role=self.role.arn,
            **self._store_code(bundle.build()),
            handler=bundle.handler,
            runtime=f"python{bundle.python}",
            architectures=[bundle.architecture],
            timeout=self.timeout,
            memory_size=memory,
            reserved_concurrent_executions=self.reserved_concurrency,
            publish=publish,
            environment={"variables": _environment(access, environment)},
            logging_config={
                "log_format": "JSON",
                "application_log_level": "INFO",
                "system_log_level": "WARN",
                "log_group": self.log_group.name,
            },
            tracing_config={"mode": "Active"},
            vpc_config=_vpc_config(vpc, access),
            # Without the policy, first invocations would fail.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[depends_on])
            ),
        )

    def _bucket_owner(self, grants: Sequence[StatementArgs]) -> dict[str, pulumi.Input[str]]:
        """Return the account of its buckets, for the library `aws_clients`."""
        if any(action.startswith("s3:") for grant in grants for action in grant["actions"]):
            return {"BUCKET_OWNER": account_of(self.role.arn)}
        return {}

    def _store_code(self, archive: str) -> dict[str, Any]:
        """Return the function's arguments for its code.

        Lambda's API accepts an archive of limited size. A larger one goes to a bucket of its own.
        """
        if Path(archive).stat().st_size <= MAX_UPLOAD_BYTES:
            return {"code": pulumi.FileArchive(archive)}
        bucket = Bucket(f"{self.name}-code", parent=self._parent, retain=False)
        stored = aws.s3.BucketObjectv2(
            f"{self.name}-code-archive",
            bucket=bucket.bucket_name,
            key=Path(archive).name,  # it has the digest of all inputs, so that it tells new code
            source=pulumi.FileAsset(archive),
            opts=self._opts,
        )
        return {"s3_bucket": bucket.bucket_name, "s3_key": stored.key}

    def _create_alarms(self, alarms: Alarms) -> list[pulumi.Output[str]]:
        dimensions = {"FunctionName": self.function_name}
        role = self.name.removeprefix(f"{alarms.name}-")
        errors = alarms.above(
            f"{role}-errors",
            0,
            "AWS/Lambda/Errors",
            dimensions,
            entry="errors",
            meaning=f"The {role} function fails.",
            minutes=3,
        )
        throttles = alarms.above(
            f"{role}-throttles",
            0,
            "AWS/Lambda/Throttles",
            dimensions,
            entry="throttles",
            meaning=f"The {role} function is throttled: it needs more concurrency than it has.",
            minutes=3,
        )
        return [errors, throttles]


def _vpc_config(
    vpc: Optional[FunctionVpcArgs], access: Sequence[AccessArgs]
) -> Optional[aws.lambda_.FunctionVpcConfigArgsDict]:
    if vpc is None:
        return None
    return {
        "subnet_ids": vpc["subnet_ids"],
        "security_group_ids": security_groups(vpc["security_group_ids"], access),
    }


def _interfaces() -> StatementArgs:
    """The permissions with which Lambda creates a function's network interfaces in a VPC.

    The interfaces are not known in advance, so the statement cannot name them. The condition
    excludes the function's own code, whose requests have the ARN of the function. Source: "Giving
    Lambda functions access to resources in an Amazon VPC" in the Lambda developer guide.
    """
    return {
        "actions": [f"ec2:{action}" for action in _INTERFACE_ACTIONS],
        "resources": ["*"],
        "condition": {"Null": {"lambda:SourceFunctionArn": "true"}},
    }


def _environment(
    access: Sequence[AccessArgs], own: Mapping[str, pulumi.Input[str]]
) -> dict[str, pulumi.Input[str]]:
    granted = {key: value for each in access for key, value in each.get("environment", {}).items()}
    return {**granted, **own}
