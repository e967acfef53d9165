"""The usage plan of an API: its clients with API keys, and their limits."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Between, Problems, declare


class UsagePlanArgs(TypedDict):
    """Clients with API keys, and the limits of each client."""

    clients: Sequence[str]
    """Names of the clients: `["shop"]`. Each gets an API key, which `aws apigateway get-api-keys
    --include-values` shows."""
    rate_limit: NotRequired[float]
    """Steady-state rate of each client, 0.1 to 10000 requests per second. Default: 10."""
    burst_limit: NotRequired[int]
    """Maximum burst of each client, 1 to 5000 requests. Default: 20."""
    requests_per_day: NotRequired[int]
    """Quota of each client, 1 to 2000000000 requests per day. Default: 100000."""


def _check(problems: Problems, path: str, args: UsagePlanArgs) -> None:
    clients = args["clients"]
    problems.unless(bool(clients), f"{path}.clients", "is empty; name at least one client")
    unique = len(set(clients)) == len(clients)
    problems.unless(unique, f"{path}.clients", "names a client twice")


declare(
    UsagePlanArgs,
    defaults={"rate_limit": 10, "burst_limit": 20, "requests_per_day": 100_000},
    limits={
        "rate_limit": Between(0.1, 10_000, "requests per second"),
        "burst_limit": Between(1, 5_000, "requests"),
        "requests_per_day": Between(1, 2_000_000_000, "requests"),
    },
    check=_check,
)


def create_usage_plan(
    name: str, args: UsagePlanArgs, stage: aws.apigateway.Stage, *, parent: pulumi.Resource
) -> None:
    """Create a usage plan of a stage, and an API key for each client."""
    opts = pulumi.ResourceOptions(parent=parent)
    plan = aws.apigateway.UsagePlan(
        name,
        api_stages=[{"api_id": stage.rest_api, "stage": stage.stage_name}],
        throttle_settings={"rate_limit": args["rate_limit"], "burst_limit": args["burst_limit"]},
        quota_settings={"limit": args["requests_per_day"], "period": "DAY"},
        opts=opts,
    )
    for client in args["clients"]:
        key = aws.apigateway.ApiKey(f"{name}-{client}", opts=opts)
        aws.apigateway.UsagePlanKey(
            f"{name}-{client}-member",
            key_id=key.id,
            key_type="API_KEY",
            usage_plan_id=plan.id,
            # The key's value: the provider marks it as secret only on ApiKey.
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(additional_secret_outputs=["value"])
            ),
        )
