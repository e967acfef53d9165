"""What the embedded cloud cannot hold. `make up` shows every entry that a stack uses.

The resource is not made; the program goes on with outputs of the form that AWS gives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.engine.context import Context

Answer = Callable[[Context, dict[str, Any]], tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class NotEmulated:
    """Why a resource type is only pretended, and the (id, outputs) given for it."""

    reason: str
    answer: Answer


def _registry(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = context.named(inputs, limit=64)
    return name, {"name": name, "arn": context.arn("schemas", f"registry/{name}")}


def _schema(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = context.named(inputs, limit=385)
    path = f"{inputs['registryName']}/{name}"
    return path, {"name": name, "arn": context.arn("schemas", f"schema/{path}"), "version": "1"}


def _bus_policy(_context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return inputs.get("eventBusName", "default"), {}


NO_SCHEMAS = "the emulator has no schema registry; functions validate against their own copy"

NO_BUS_POLICIES = "the emulator takes a bus policy for one that allows everyone; IAM still holds"

NOT_EMULATED = {
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": NotEmulated(NO_BUS_POLICIES, _bus_policy),
    "aws:schemas/registry:Registry": NotEmulated(NO_SCHEMAS, _registry),
    "aws:schemas/schema:Schema": NotEmulated(NO_SCHEMAS, _schema),
}
