"""UsagePlan: clients of an API that have a key, and how much they may ask."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.validate import Problems


class UsagePlanArgs(TypedDict):
    clients: Sequence[str]
    """Names of the clients; each gets a key, shown by `aws apigateway get-api-keys
    --include-values`."""
    rate_limit: NotRequired[float]
    """Requests per second that one client is served in the long run. Default: 10."""
    burst_limit: NotRequired[int]
    """Requests that one client is served at once. Default: 20."""
    requests_per_day: NotRequired[int]
    """Requests that one client is served in a day. Default: 100000."""


def create_usage_plan(
    name: str, args: UsagePlanArgs, stage: aws.apigateway.Stage, *, parent: pulumi.Resource
) -> None:
    """Create a usage plan of a stage, and a key for each client."""
    opts = pulumi.ResourceOptions(parent=parent)
    plan = aws.apigateway.UsagePlan(
        name,
        api_stages=[{"api_id": stage.rest_api, "stage": stage.stage_name}],
        throttle_settings={
            "rate_limit": float(args.get("rate_limit", 10)),
            "burst_limit": int(args.get("burst_limit", 20)),
        },
        quota_settings={"limit": int(args.get("requests_per_day", 100_000)), "period": "DAY"},
        opts=opts,
    )
    for client in args["clients"]:
        key = aws.apigateway.ApiKey(f"{name}-{client}", opts=opts)
        aws.apigateway.UsagePlanKey(
            f"{name}-{client}-member",
            key_id=key.id,
            key_type="API_KEY",
            usage_plan_id=plan.id,
            # The key itself, which the provider hides as an output of ApiKey alone.
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(additional_secret_outputs=["value"])
            ),
        )


def check_usage_plan(problems: Problems, args: Optional[UsagePlanArgs]) -> None:
    """Check the `usage_plan` argument of a component."""
    if args is None:
        return
    problems.that(bool(args.get("clients")), "usage_plan.clients", "is empty; name a client")
    problems.between(args, "rate_limit", 0.1, 10_000, "requests per second")
    problems.between(args, "burst_limit", 1, 5_000, "requests")
    problems.between(args, "requests_per_day", 1, 2_000_000_000, "requests")
