"""The functions of an API."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, check_access
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Problems, declare
from .._blocks.function import MAX_CONCURRENCY, Function, FunctionsArgs, FunctionVpcArgs


class ApiFunctionArgs(TypedDict):
    """A function of the API: new code, or an existing function."""

    code: NotRequired[str]
    """Folder with the function's `app.py`, or the name of a function of this package. Required
    unless there is a `function_arn`. The bundle includes the libraries that the code imports."""
    function_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing function, or of its alias, instead of `code`."""
    access: NotRequired[Sequence[AccessArgs]]
    """Environment variables and permissions to grant to the function. Default: none."""
    user_folders: NotRequired[bool]
    """Whether the function can access the folders of all users, in the bucket `FILES_BUCKET`.
    Default: false."""
    timeout: NotRequired[int]
    """Timeout of the function, 1 to 29 seconds (the limit of API Gateway). Default: 10."""
    memory: NotRequired[int]
    """Memory of the function, 128 to 10240 MiB. Default: 512."""
    reserved_concurrency: NotRequired[int]
    """Reserved concurrency of the function, as in `FunctionsArgs`. Default: that of `functions`."""
    vpc: NotRequired[FunctionVpcArgs]
    """VPC of the function, which is then its only network. Default: none."""


def _check(problems: Problems, path: str, args: ApiFunctionArgs) -> None:
    one = ("code" in args) != ("function_arn" in args)
    problems.unless(one, path, "must have either `code` or `function_arn`")
    check_access(problems, f"{path}.access", args["access"], vpc="" if "vpc" in args else "vpc")


declare(
    ApiFunctionArgs,
    defaults={"access": [], "user_folders": False, "timeout": 10, "memory": 512},
    limits={
        "timeout": Between(1, 29, "seconds"),
        "memory": Between(128, 10240, "MiB"),
        "reserved_concurrency": Between(0, MAX_CONCURRENCY, "concurrent executions"),
    },
    check=_check,
)


class ApiFunctions:
    """The functions of an API, each with an alias that API Gateway invokes. Adds no level to the
    URN.

    Args:
        name: name of the API; a function has the name `{name}-function-{its key}`.
        args: functions by key.
        parent: the component they belong to.
        settings: settings of all functions.
        alarms: the alarms to add theirs to.
        access: environment variables and permissions of all functions.
        folders: environment variables and permissions of functions with `user_folders`.
        canary: whether CodeDeploy updates the aliases.
    """

    def __init__(
        self,
        name: str,
        args: Mapping[str, ApiFunctionArgs],
        *,
        parent: pulumi.Resource,
        settings: FunctionsArgs,
        alarms: Alarms,
        access: AccessArgs,
        folders: AccessArgs,
        canary: bool,
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.created: dict[str, tuple[Function, aws.lambda_.Alias]] = {}
        self._arns: dict[str, pulumi.Output[str]] = {}
        for key, each in args.items():
            if "function_arn" in each:
                self._arns[key] = pulumi.Output.from_input(each["function_arn"])
                continue
            function = Function(
                _child(name, key),
                each["code"],
                parent=parent,
                settings=_settings(settings, each),
                alarms=alarms,
                access=[
                    access,
                    *([folders] if each["user_folders"] else []),
                    *each["access"],
                ],
                timeout=each["timeout"],
                memory=each["memory"],
                publish=True,
                vpc=each.get("vpc"),
            )
            alias = function.create_alias(released_elsewhere=canary)
            self.created[key] = (function, alias)
            self._arns[key] = alias.arn

    def invoke_arn(self, key: str) -> pulumi.Output[str]:
        """Return the URI of the integration that invokes a function."""
        return self._arns[key].apply(_invoke_arn)

    def grant_invoke(self, execution_arn: pulumi.Input[str]) -> list[aws.lambda_.Permission]:
        """Let an API invoke all functions."""
        return [
            aws.lambda_.Permission(
                f"{_child(self._name, key)}-invoke",
                action="lambda:InvokeFunction",
                function=arn.apply(_without_qualifier),
                qualifier=arn.apply(_qualifier),
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(execution_arn, "/*"),
                opts=self._opts,
            )
            for key, arn in self._arns.items()
        ]


def _settings(shared: FunctionsArgs, own: ApiFunctionArgs) -> FunctionsArgs:
    if "reserved_concurrency" not in own:
        return shared
    return {**shared, "reserved_concurrency": own["reserved_concurrency"]}


def _child(name: str, key: str) -> str:
    """Return the function's resource name, which no other child of the API can have."""
    return f"{name}-function-{key.replace('_', '-')}"


def _invoke_arn(function_arn: str) -> str:
    arn, partition, _, region = function_arn.split(":")[:4]
    path = f"lambda:path/2015-03-31/functions/{function_arn}/invocations"
    return f"{arn}:{partition}:apigateway:{region}:{path}"


def _without_qualifier(function_arn: str) -> str:
    return ":".join(function_arn.split(":")[:7])


def _qualifier(function_arn: str) -> Optional[str]:
    return ":".join(function_arn.split(":")[7:]) or None
