"""Lambda@Edge functions, which CloudFront runs between its cache and an origin."""

from collections.abc import Mapping
from pathlib import Path
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import allow, role_policy, trust_policy
from .._blocks.arguments import Between, Problems, declare
from .._blocks.build_process import BundleError
from .._blocks.bundle import Bundle
from .._blocks.edge_domain import REGION

ORIGIN_EVENTS = ("origin-request", "origin-response")
_MAX_BUNDLE_BYTES = 50 * 1024**2  # of origin events: "Quotas on Lambda@Edge"


class EdgeFunctionArgs(TypedDict):
    """A Lambda@Edge function."""

    code: str
    """Folder with an `app.py` whose `handler(event, context)` gets CloudFront's event. Lambda@Edge
    supports no environment variables, VPC, layers or tracing."""
    timeout: NotRequired[int]
    """Timeout of the function, 1 to 30 seconds. Default: 5."""
    memory: NotRequired[int]
    """Memory of the function, 128 to 10240 MiB. Default: 128."""


declare(
    EdgeFunctionArgs,
    defaults={"timeout": 5, "memory": 128},
    limits={"timeout": Between(1, 30, "seconds"), "memory": Between(128, 10240, "MiB")},
)


def create_edge_functions(
    name: str, functions: Mapping[str, EdgeFunctionArgs], python: str, *, parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Create the function of each event. Return the ARN of its published version by event.

    Args:
        name: name of the component.
        functions: functions by event; see `EdgeFunctionArgs`.
        python: Python version of the runtime.
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
    # The function creates a log group in each region that runs it; CloudFront sets the name.
    caller = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent))
    group = f":log-group:/aws/lambda/{REGION}.{name}-*"
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
        timeout=args["timeout"],
        memory_size=args["memory"],
        publish=True,
        # Lambda refuses to delete a function that has replicas at the edge, and CloudFront deletes
        # replicas hours after the distribution stops using them: each destroy would fail.
        skip_destroy=True,
        region=REGION,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )
    return function.qualified_arn


def _bundle(args: EdgeFunctionArgs, python: str) -> Bundle:
    """The bundle; Lambda@Edge supports x86_64 only."""
    return Bundle(args["code"], "x86_64", python)


def check_edge_functions(
    problems: Problems, functions: Mapping[str, EdgeFunctionArgs], python: str
) -> None:
    """Check the events and bundles of the `edge_functions` argument."""
    for event, args in functions.items():
        path = f'edge_functions["{event}"]'
        # "Restrictions on all edge functions" in the CloudFront developer guide.
        reason = (
            "cannot be used: pages have a CloudFront Function, which excludes Lambda@Edge functions"
            " of viewer events"
            if event in ("viewer-request", "viewer-response")
            else "is not an event"
        )
        events = " or ".join(f"'{each}'" for each in ORIGIN_EVENTS)
        problems.unless(event in ORIGIN_EVENTS, path, f"{reason}; use {events}")
        problem = _bundle_problem(args, python)
        problems.unless(not problem, f"{path}.code", problem)


def _bundle_problem(args: EdgeFunctionArgs, python: str) -> str:
    """Why the bundle cannot be used; empty if it can."""
    try:
        size = Path(_bundle(args, python).build()).stat().st_size
    except BundleError as error:
        return str(error)
    limit = _MAX_BUNDLE_BYTES
    return f"has a bundle of {size} bytes; the maximum is {limit}" if size > limit else ""
