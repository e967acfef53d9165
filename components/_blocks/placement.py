"""Placement: where in a VPC the tasks or instances of a service run."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from .arguments import Problems, declare


class PlacementArgs(TypedDict):
    """Where in a VPC a service runs: what `Network.placement` returns."""

    vpc_id: pulumi.Input[str]
    """ID of the VPC."""
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """IDs of the subnets of tasks or instances, in at least two zones."""
    public_subnet_ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """IDs of public subnets, for a load balancer that the internet reaches. Default: none."""
    assign_public_ip: NotRequired[bool]
    """Whether members get a public IPv4 address, billed by the hour, by which they reach the
    internet; `subnet_ids` are public ones. Default: false."""
    interface_endpoints: NotRequired[Sequence[str]]
    """AWS services with an interface endpoint, if members reach nothing else: `["logs"]`. A service
    is then checked against it at preview. Default: not checked."""


def _check(problems: Problems, path: str, args: PlacementArgs) -> None:
    for key in ("subnet_ids", "public_subnet_ids"):
        given = args.get(key)
        if isinstance(given, Sequence):
            problems.unless(
                len(given) >= 2,
                f"{path}.{key}",
                f"has {len(given)} subnets; name subnets in at least two zones",
            )


declare(PlacementArgs, check=_check)


def check_reach(
    problems: Problems, args: PlacementArgs, services: Mapping[str, str], path: str = "network"
) -> None:
    """Check that members reach AWS services.

    Args:
        problems: collects what is wrong.
        args: the placement.
        services: names of interface endpoints that are needed, with what for.
        path: name of the argument.
    """
    if args.get("assign_public_ip") or "interface_endpoints" not in args:
        return
    missing = {
        name: why for name, why in services.items() if name not in args["interface_endpoints"]
    }
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        reasons = " and ".join(dict.fromkeys(missing.values()))
        problems.add(
            path,
            f"has no way to {reasons}: add {names} to `interface_endpoints` of the network, or "
            "choose its `egress`: `public` or `nat`",
        )
