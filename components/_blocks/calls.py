"""Calls: what a service needs to call another one, as data."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from .access import AccessArgs, StatementArgs
from .arguments import Matches, Problems, declare


class CallArgs(TypedDict):
    """A service to call: what its `grant_call` returns."""

    name: str
    """Name of the service, of which the caller's environment has the address: `catalogue` as
    `CATALOGUE_URL`."""
    url: pulumi.Input[str]
    """Address of the service."""
    security_group_id: NotRequired[pulumi.Input[str]]
    """ID of the security group whose members may call the service. The caller becomes a member.
    Default: none."""
    statements: NotRequired[Sequence[StatementArgs]]
    """IAM statements that the caller's role needs. Default: none."""


declare(
    CallArgs,
    limits={"name": Matches(r"[a-z][a-z0-9_-]*", "a name in lowercase: 'catalogue'")},
)


def call_access(calls: Sequence[CallArgs]) -> list[AccessArgs]:
    """Return the environment variables and permissions of a caller."""
    return [
        {
            "environment": {url_variable(each["name"]): each["url"]},
            "statements": list(each.get("statements", ())),
        }
        for each in calls
    ]


def call_security_groups(
    own: pulumi.Input[str], calls: Sequence[CallArgs]
) -> pulumi.Output[Sequence[str]]:
    """Return the IDs of a caller's security groups, each once: services may share a group."""
    groups = [own, *(each["security_group_id"] for each in calls if "security_group_id" in each)]
    return pulumi.Output.all(*groups).apply(lambda ids: list(dict.fromkeys(ids)))


def url_variable(name: str) -> str:
    """Return the environment variable with the address of a service."""
    return f"{name.upper().replace('-', '_')}_URL"


def check_calls(problems: Problems, calls: Sequence[CallArgs]) -> None:
    """Check that each service has a name of its own."""
    names = [url_variable(each["name"]) for each in calls]
    for number, name in enumerate(names):
        problems.unless(
            name not in names[:number],
            f"calls[{number}].name",
            f"is '{calls[number]['name']}', whose variable {name} another call has already",
        )
