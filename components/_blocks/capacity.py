"""Capacity: provisioned capacity of a table and its index, with auto scaling."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .arguments import Between, Problems, declare

_MAX_UNITS = 40_000  # default quota of a table
_KINDS = ("read", "write")


class CapacityArgs(TypedDict):
    """Provisioned capacity of a table, with auto scaling."""

    read_units: Sequence[int]
    """Minimum and maximum of read capacity units: `[5, 100]`. The index gets the same."""
    write_units: Sequence[int]
    """Minimum and maximum of write capacity units: `[5, 100]`."""
    target_percent: NotRequired[int]
    """Target utilization of the capacity, 20 to 90 percent. Default: 70."""


def _check(problems: Problems, path: str, args: CapacityArgs) -> None:
    for key in ("read_units", "write_units"):
        units = args[key]
        valid = len(units) == 2 and units[0] <= units[1]
        problems.unless(valid, f"{path}.{key}", "must be [minimum, maximum], such as [5, 100]")


_UNITS = Between(1, _MAX_UNITS, "units")
declare(
    CapacityArgs,
    defaults={"target_percent": 70},
    limits={
        "read_units": _UNITS,
        "write_units": _UNITS,
        "target_percent": Between(20, 90, "percent"),
    },
    check=_check,
)


def create_scaling(
    name: str,
    args: CapacityArgs,
    table_name: pulumi.Output[str],
    index: str,
    opts: pulumi.ResourceOptions,
) -> None:
    """Create the auto scaling of a table and its index.

    Args:
        name: name of the table's resource, and prefix of the resources' names.
        args: see `CapacityArgs`.
        table_name: name of the table.
        index: name of the table's index; empty for none.
        opts: options of the resources.
    """
    table = pulumi.Output.concat("table/", table_name)
    scaled = {"table": (name, table)}
    if index:
        scaled["index"] = (f"{name}-{index}", pulumi.Output.concat(table, "/index/", index))
    for what, (prefix, resource_id) in scaled.items():
        for kind in _KINDS:
            _scale(f"{prefix}-{kind}", args, what, kind, resource_id=resource_id, opts=opts)


def _scale(
    name: str,
    args: CapacityArgs,
    what: str,
    kind: str,
    *,
    resource_id: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    min_units, max_units = bounds(args, kind)
    units = f"{kind.title()}Capacity"
    target = aws.appautoscaling.Target(
        f"{name}-units",
        service_namespace="dynamodb",
        resource_id=resource_id,
        scalable_dimension=f"dynamodb:{what}:{units}Units",
        min_capacity=min_units,
        max_capacity=max_units,
        opts=opts,
    )
    aws.appautoscaling.Policy(
        f"{name}-scaling",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration={
            "target_value": args["target_percent"],
            "predefined_metric_specification": {
                "predefined_metric_type": f"DynamoDB{units}Utilization"
            },
        },
        opts=opts,
    )


def bounds(args: CapacityArgs, kind: str) -> tuple[int, int]:
    """Return the minimum and maximum units of a kind, `read` or `write`."""
    min_units, max_units = args["read_units"] if kind == "read" else args["write_units"]
    return min_units, max_units
