"""EdgeFunction: a Lambda@Edge function, between CloudFront's cache and an origin."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import allow, role_policy, trust_policy
from .._blocks.archive import BundleError
from .._blocks.bundle import Bundle
from .._blocks.validate import Problems

ORIGIN_EVENTS = ("origin-request", "origin-response")
_REGION = "us-east-1"  # the only one that CloudFront takes functions from
_LARGEST_BYTES, _LONGEST_SECONDS = 50 * 1024**2, 30  # of origin events: "Quotas on Lambda@Edge"


class EdgeFunctionArgs(TypedDict):
    code: str
    """Folder with an `app.py` whose `handler(event, context)` gets CloudFront's event. It has no
    environment variables, no VPC, no layers and no traces, as CloudFront's functions have none."""
    timeout: NotRequired[int]
    """Seconds, 1 to 30. Default: 5."""
    memory: NotRequired[int]
    """MiB, 128 to 10240. Default: 128."""


def create_edge_functions(
    name: str, functions: Mapping[str, EdgeFunctionArgs], python: str, *, parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Create the function of each event; the ARN of its numbered version by event.

    Args:
        name: name of the component.
        functions: by event, see `EdgeFunctionArgs`.
        python: minor version of Python.
        parent: the component they belong to.
    """
    return {
        event: _create(f"{name}-{event}", args, python, parent) for event, args in functions.items()
    }


def _create(
    name: str, args: EdgeFunctionArgs, python: str, parent: pulumi.Resource
) -> pulumi.Output[str]:
    opts = pulumi.ResourceOptions(parent=parent)
    bundle = _bundle(args, python)
    services = ("lambda.amazonaws.com", "edgelambda.amazonaws.com")
    role = aws.iam.Role(f"{name}-role", assume_role_policy=trust_policy(*services), opts=opts)
    # Each region that runs it gets a log group, which CloudFront names and the function makes.
    caller = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent))
    group = f":log-group:/aws/lambda/{_REGION}.{name}-*"
    actions = ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
    logs = pulumi.Output.concat("arn:aws:logs:*:", caller.account_id, group)
    policy = aws.iam.RolePolicy(
        f"{name}-policy",
        role=role.name,
        policy=role_policy([allow([f"logs:{action}" for action in actions], logs)]),
        opts=opts,
    )
    function = aws.lambda_.Function(
        name,
        role=role.arn,
        code=pulumi.FileArchive(bundle.build()),
        handler=bundle.handler,
        runtime=f"python{bundle.python}",
        architectures=[bundle.architecture],
        timeout=int(args.get("timeout", 5)),
        memory_size=int(args.get("memory", 128)),
        publish=True,
        # Lambda refuses to delete what CloudFront still has copies of, and CloudFront takes its
        # copies back hours after a distribution let go of them: the destroy would fail each time.
        skip_destroy=True,
        region=_REGION,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )
    return function.qualified_arn


def _bundle(args: EdgeFunctionArgs, python: str) -> Bundle:
    """CloudFront runs no arm64."""
    return Bundle(args["code"], (), "x86_64", python)


def check_edge_functions(
    problems: Problems, functions: Mapping[str, EdgeFunctionArgs], python: str
) -> None:
    """Check the `edge_functions` argument of a component."""
    for event, args in functions.items():
        where = f"edge_functions.{event}"
        # "Restrictions on all edge functions" in the CloudFront developer guide.
        viewer = event in ("viewer-request", "viewer-response")
        why = (
            "the behavior of pages has a CloudFront Function, beside which CloudFront takes no"
            " Lambda@Edge for viewer events"
            if viewer
            else "there is no such event"
        )
        give = " or ".join(ORIGIN_EVENTS)
        problems.that(event in ORIGIN_EVENTS, where, f"{why}; give {give}")
        problems.unknown(args, EdgeFunctionArgs.__annotations__)
        problems.between(args, "timeout", 1, _LONGEST_SECONDS, "seconds")
        problems.between(args, "memory", 128, 10240, "MiB")
        problems.that("code" in args, where, "code is missing; give a folder with an app.py")
        for problem in _problems_of_code(args, python) if "code" in args else ():
            problems.that(False, f"{where}.code", problem)


def _problems_of_code(args: EdgeFunctionArgs, python: str) -> Sequence[str]:
    try:
        size = Path(_bundle(args, python).build()).stat().st_size
    except BundleError as error:
        return [str(error)]
    largest = _LARGEST_BYTES
    return [f"its bundle is {size} bytes, over {largest}"] if size > largest else []
