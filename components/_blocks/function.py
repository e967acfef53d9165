"""Function: a Lambda function with its own role, log group, bundle, access, tracing and alarms."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .access import AccessArgs, StatementArgs, allow, role_policy, trust_policy
from .alarms import Alarms
from .bundle import Bundle
from .validate import Problems

MOST_CONCURRENCY = 100_000
ARCHITECTURES = ("arm64", "x86_64")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827)

_INTERFACE_ACTIONS = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)


class FunctionsArgs(TypedDict):
    """How all functions of a component run."""

    architecture: NotRequired[str]
    """CPU: `arm64` or `x86_64`. Default: `arm64`."""
    python: NotRequired[str]
    """Minor version of Python: `3.11` to `3.14`. Default: `3.13`."""
    log_retention_days: NotRequired[int]
    """Days that logs are kept, one of CloudWatch's steps (1, 3, 5, 7, 14, 30, ...). Default: 30."""
    reserved_concurrency: NotRequired[int]
    """Runs at once that each function has for itself, and more of which it never has: taken from
    the account's; 0 stops them. Default: what the account has left."""


class FunctionVpcArgs(TypedDict):
    """Where in a VPC a function has its network interfaces."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets, in several availability zones."""
    security_group_ids: Sequence[pulumi.Input[str]]
    """Security groups that say what it may reach."""


class Function:
    """One Lambda function. A plain class, not a component: it adds no level to the URN.

    Defaults: JSON logs at INFO in a log group of its own with a retention, active X-Ray tracing, a
    role that may do only what `access` says, alarms on errors and throttles.

    Args:
        name: name of the function and the prefix of its role and log group.
        source: what to run: see `Bundle.source`.
        parent: the component it belongs to.
        settings: see `FunctionsArgs`.
        alarms: where its alarms are made.
        libraries: see `Bundle.libraries`.
        texts: see `Bundle.texts`.
        access: environment variables and permissions that it is granted.
        environment: further environment variables.
        timeout: seconds.
        memory: MiB.
        publish: whether each change makes a numbered version, for an alias.
        vpc: where it runs in a VPC, which then is its only network; None for no VPC.

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
        libraries: Sequence[str] = (),
        texts: Sequence[tuple[str, str]] = (),
        access: Sequence[AccessArgs] = (),
        environment: Optional[Mapping[str, pulumi.Input[str]]] = None,
        timeout: int = 30,
        memory: int = 256,
        publish: bool = False,
        vpc: Optional[FunctionVpcArgs] = None,
    ) -> None:
        self.name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.timeout = timeout
        reserved = settings.get("reserved_concurrency")
        self._reserved = None if reserved is None else int(reserved)
        bundle = Bundle(
            source,
            tuple(libraries),
            settings.get("architecture", "arm64"),
            settings.get("python", "3.13"),
            tuple(texts),
        )
        self.role = self._create_role()
        self.log_group = self._create_log_group(int(settings.get("log_retention_days", 30)))
        grants = [grant for each in access for grant in each.get("statements", ())]
        policy = self._create_policy([*grants, *([_interfaces()] if vpc else [])])
        self.function = self._create_function(
            bundle,
            _environment(access, environment or {}),
            memory=memory,
            publish=publish,
            vpc=vpc,
            depends_on=policy,
        )
        self.arn, self.function_name = self.function.arn, self.function.name
        self._create_alarms(alarms)

    def grant_invoke(
        self, caller: str, service: str, source_arn: pulumi.Input[str]
    ) -> aws.lambda_.Permission:
        """Let an AWS service invoke the function on behalf of one resource.

        Args:
            caller: last part of the permission's name.
            service: `events.amazonaws.com`, `apigateway.amazonaws.com`, ...
            source_arn: the only resource that it may act for.
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
        """An alias `live` of the newest version.

        Args:
            released_elsewhere: whether something else moves it on, step by step; Pulumi then only
                creates it, so that previews stay clean while weights shift.
        """
        moved = ["functionVersion", "routingConfig"] if released_elsewhere else []
        return aws.lambda_.Alias(
            f"{self.name}-live",
            name="live",
            function_name=self.function_name,
            function_version=self.function.version,
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(ignore_changes=moved)
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
        # X-Ray has no resource-level permissions for writing traces.
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
            code=pulumi.FileArchive(bundle.build()),
            handler=bundle.handler,
            runtime=f"python{bundle.python}",
            architectures=[bundle.architecture],
            timeout=self.timeout,
            memory_size=memory,
            reserved_concurrent_executions=self._reserved,
            publish=publish,
            environment={"variables": environment},
            logging_config={
                "log_format": "JSON",
                "application_log_level": "INFO",
                "system_log_level": "WARN",
                "log_group": self.log_group.name,
            },
            tracing_config={"mode": "Active"},
            vpc_config=_vpc_config(vpc),
            # Without its policy it would run, and fail, unauthorised.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[depends_on])
            ),
        )

    def _create_alarms(self, alarms: Alarms) -> None:
        dimensions = {"FunctionName": self.function_name}
        short = self.name.removeprefix(f"{alarms.name}-")
        alarms.above(
            f"{short}-errors",
            0,
            "AWS/Lambda/Errors",
            dimensions,
            entry="errors",
            meaning=f"The {short} function fails.",
            minutes=3,
        )
        alarms.above(
            f"{short}-throttles",
            0,
            "AWS/Lambda/Throttles",
            dimensions,
            entry="throttles",
            meaning=f"The {short} function wants more concurrency than it may have.",
            minutes=3,
        )


def check_functions(problems: Problems, settings: FunctionsArgs) -> None:
    """Check the `functions` argument of a component."""
    problems.unknown(settings, FunctionsArgs.__annotations__)
    problems.one_of(settings, "architecture", ARCHITECTURES)
    problems.one_of(settings, "python", PYTHONS)
    problems.one_of(settings, "log_retention_days", LOG_RETENTION_DAYS)
    problems.between(settings, "reserved_concurrency", 0, MOST_CONCURRENCY, "runs at once")


def _vpc_config(
    vpc: Optional[FunctionVpcArgs],
) -> Optional[aws.lambda_.FunctionVpcConfigArgsDict]:
    if vpc is None:
        return None
    return {
        "subnet_ids": list(vpc["subnet_ids"]),
        "security_group_ids": list(vpc["security_group_ids"]),
    }


def _interfaces() -> StatementArgs:
    """What Lambda needs, by the function's role, to give it network interfaces in a VPC.

    They are not known before, so no resource can be named. The function's own code is shut out: its
    requests carry the ARN of the function, those of Lambda do not. Source: "Giving Lambda functions
    access to resources in an Amazon VPC" in the Lambda developer guide.
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
