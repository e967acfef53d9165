"""How new versions of a service take over."""

from typing import NotRequired, TypedDict

import pulumi_aws as aws

from .._blocks.arguments import Between, OneOf, Problems, declare

_STEADY_MINUTES = 20
"""Patience with the tasks of a deployment: the provider's own."""

_MIN_LINEAR_PERCENT = 3


class DeploymentArgs(TypedDict):
    """How a new version takes over. An alarm on server errors, and tasks that do not get healthy,
    bring the last version back."""

    strategy: NotRequired[str]
    """`rolling` (tasks are replaced, healthy ones first), `canary` (a share of the requests for
    `bake_minutes`, then all) or `linear` (one more share each time). Default: `rolling`."""
    percent: NotRequired[int]
    """Share of the requests of each step, 1 to 50 percent, with `linear` at least 3. Requires
    `canary` or `linear`. Default: 10."""
    bake_minutes: NotRequired[int]
    """Duration of each step, and of the watch over the new version after the last one, 1 to 1440
    minutes. Requires `canary` or `linear`. Default: 5."""


def _check(problems: Problems, path: str, args: DeploymentArgs) -> None:
    for key in ("percent", "bake_minutes"):
        problems.unless(
            key not in args or args["strategy"] != "rolling",
            f"{path}.{key}",
            "requires `strategy: canary` or `strategy: linear`",
        )
    problems.unless(
        args["strategy"] != "linear" or _percent(args) >= _MIN_LINEAR_PERCENT,
        f"{path}.percent",
        f"is {_percent(args)}; steps of `linear` have at least {_MIN_LINEAR_PERCENT} percent",
    )


declare(
    DeploymentArgs,
    defaults={"strategy": "rolling"},
    limits={
        "strategy": OneOf(("rolling", "canary", "linear")),
        "percent": Between(1, 50, "percent"),
        "bake_minutes": Between(1, 1440, "minutes"),
    },
    check=_check,
)


def is_gradual(args: DeploymentArgs) -> bool:
    """Return whether requests shift between two target groups."""
    return args["strategy"] != "rolling"


def configuration(
    args: DeploymentArgs,
) -> aws.ecs.ServiceDeploymentConfigurationArgsDict:
    """Return the deployment configuration of an ECS service."""
    if not is_gradual(args):
        return {"strategy": "ROLLING"}
    percent, minutes = _percent(args), str(_minutes(args))
    if args["strategy"] == "canary":
        return {
            "strategy": "CANARY",
            "bake_time_in_minutes": minutes,
            "canary_configuration": {
                "canary_percent": percent,
                "canary_bake_time_in_minutes": minutes,
            },
        }
    return {
        "strategy": "LINEAR",
        "bake_time_in_minutes": minutes,
        "linear_configuration": {
            "step_percent": percent,
            "step_bake_time_in_minutes": minutes,
        },
    }


def patience_minutes(args: DeploymentArgs) -> int:
    """Return how long a deployment may take, its rollback included."""
    if not is_gradual(args):
        return 2 * _STEADY_MINUTES
    steps = 2 if args["strategy"] == "canary" else -(-100 // _percent(args))
    return 2 * _STEADY_MINUTES + steps * _minutes(args)


def _percent(args: DeploymentArgs) -> int:
    return args.get("percent", 10)


def _minutes(args: DeploymentArgs) -> int:
    return args.get("bake_minutes", 5)
