"""Which changes lose data or put it at risk."""

from collections.abc import Mapping
from typing import Any

from policy.rules.resource_types import Protection, resource_type

EVERY_TYPE = frozenset(("region",))
"""Inputs of every type of pulumi-aws whose change replaces the resource."""


def loss(type_: str) -> str:
    """Return the data that is lost with a resource of this type; empty if there is none."""
    known = resource_type(type_)
    if known.safeguard:
        return f"no longer keeps {known.safeguard}"
    return f"loses {known.holds}" if known.holds else ""


def is_safeguard(type_: str) -> bool:
    """Return whether a resource of this type keeps data of another one."""
    return bool(resource_type(type_).safeguard)


def replacing(type_: str, changed: set[str]) -> set[str]:
    """Return the changed inputs that replace a resource of this type."""
    return changed & (EVERY_TYPE | set(resource_type(type_).replaced_by))


def guards_removed(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the inputs that protected the data of a resource and no longer do."""
    known = resource_type(type_)
    wanted = known.protections if known.holds or known.safeguard else ()
    return [each.key for each in wanted if _value(old, each) == each.value != _value(new, each)]


def _value(inputs: Mapping[str, Any], protection: Protection) -> Any:
    value: Any = inputs
    for key in protection.key.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return protection.default if value is None else value
