"""Which changes lose data or put it at risk."""

from collections.abc import Mapping
from typing import Any

from policy.rules.resource_types import resource_type

EVERY_TYPE = frozenset(("region",))
"""Inputs of every type of pulumi-aws whose change replaces the resource."""


def loss(type_: str) -> str:
    """Return the data that is lost with a resource of this type; empty if there is none."""
    holds = resource_type(type_).holds
    return f"loses {holds}" if holds else ""


def replacing(type_: str, changed: set[str]) -> set[str]:
    """Return the changed inputs that replace a resource of this type."""
    return changed & (EVERY_TYPE | set(resource_type(type_).replaced_by))


def guards_removed(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the inputs that protected the data of a resource and no longer do."""
    known = resource_type(type_)
    wanted = known.protecting_inputs if known.holds else {}
    return [key for key, on in wanted.items() if old.get(key) == on and new.get(key) != on]
