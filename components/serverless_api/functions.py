"""ApiFunctions: what answers the operations of an API."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, check_access
from .._blocks.alarms import Alarms
from .._blocks.function import MAX_CONCURRENCY, Function, FunctionsArgs, FunctionVpcArgs
from .._blocks.validate import Problems

_LIBRARIES = ("api", "aws_clients", "environment")


class ApiFunctionArgs(TypedDict):
    code: NotRequired[str]
    """Folder with the function's `app.py`, or a function of this package by name."""
    function_arn: NotRequired[pulumi.Input[str]]
    """ARN of a function that exists, or of its alias, instead of `code`."""
    libraries: NotRequired[Sequence[str]]
    """Libraries of this package to bundle with it.
    Default: `["api", "aws_clients", "environment"]`."""
    access: NotRequired[Sequence[AccessArgs]]
    """What the function may reach. Default: nothing."""
    user_folders: NotRequired[bool]
    """Whether it reaches the folders of all users, named by `FILES_BUCKET`. Default: false."""
    timeout: NotRequired[int]
    """Seconds that an answer may take, 1 to 29 (the gateway's limit). Default: 10."""
    memory: NotRequired[int]
    """MiB of the function, 128 to 10240. Default: 512."""
    reserved_concurrency: NotRequired[int]
    """As in `FunctionsArgs`, for this function. Default: what `functions` says."""
    vpc: NotRequired[FunctionVpcArgs]
    """Runs it in a VPC, which then is all that it reaches. Default: no VPC."""


class ApiFunctions:
    """The functions of an API, each with an alias that the gateway invokes. Adds no level to the
    URN.

    Args:
        name: name of the API; a function is called `{name}-function-{its key}`.
        args: functions by key.
        parent: the component they belong to.
        settings: how they run.
        alarms: where their alarms are made.
        access: what all of them are granted beside their own.
        folders: what those are granted besides that reach the users' folders.
        canary: whether CodeDeploy moves the aliases.
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
            adopted = each.get("function_arn")
            if adopted is not None:
                self._arns[key] = pulumi.Output.from_input(adopted)
                continue
            function = Function(
                _child(name, key),
                each["code"],
                parent=parent,
                settings=_settings(settings, each),
                alarms=alarms,
                libraries=each.get("libraries", _LIBRARIES),
                access=[
                    access,
                    *([folders] if each.get("user_folders") else []),
                    *each.get("access", ()),
                ],
                timeout=int(each.get("timeout", 10)),
                memory=int(each.get("memory", 512)),
                publish=True,
                vpc=each.get("vpc"),
            )
            alias = function.create_alias(released_elsewhere=canary)
            self.created[key] = (function, alias)
            self._arns[key] = alias.arn

    def invoke_arn(self, key: str) -> pulumi.Output[str]:
        """What the gateway's integration names."""
        return self._arns[key].apply(_invoke_arn)

    def grant_invoke(self, execution_arn: pulumi.Input[str]) -> list[aws.lambda_.Permission]:
        """Let an API invoke all of them."""
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


def check_api_functions(problems: Problems, functions: Mapping[str, ApiFunctionArgs]) -> None:
    """Check the `api_functions` argument of a component."""
    for key, each in functions.items():
        where = f"api_functions.{key}"
        problems.unknown(each, ApiFunctionArgs.__annotations__)
        one = ("code" in each) != ("function_arn" in each)
        problems.that(one, where, "give either 'code' or 'function_arn'")
        problems.between(each, "timeout", 1, 29, "seconds")
        problems.between(each, "memory", 128, 10240, "MiB")
        problems.between(each, "reserved_concurrency", 0, MAX_CONCURRENCY, "runs at once")
        check_access(problems, f"{where}.access", each.get("access", ()))


def _settings(shared: FunctionsArgs, own: ApiFunctionArgs) -> FunctionsArgs:
    if "reserved_concurrency" not in own:
        return shared
    return {**shared, "reserved_concurrency": own["reserved_concurrency"]}


def _child(name: str, key: str) -> str:
    """Its own word in the name, so that no key can clash with another child of the API."""
    return f"{name}-function-{key.replace('_', '-')}"


def _invoke_arn(function_arn: str) -> str:
    arn, partition, _, region = function_arn.split(":")[:4]
    path = f"lambda:path/2015-03-31/functions/{function_arn}/invocations"
    return f"{arn}:{partition}:apigateway:{region}:{path}"


def _without_qualifier(function_arn: str) -> str:
    return ":".join(function_arn.split(":")[:7])


def _qualifier(function_arn: str) -> Optional[str]:
    return ":".join(function_arn.split(":")[7:]) or None
