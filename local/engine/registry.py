"""The registry of resource types and provider functions that local mode emulates.

Everything about a type is in `local/creators/<service>.py`, where the service is the second part
of the type token: `aws:dynamodb/table:Table` is in `local/creators/dynamodb.py`.
"""

import importlib.util
import keyword
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from local.engine.context import Context

Inputs = dict[str, Any]
Outputs = dict[str, Any]
Created = tuple[str, Outputs]
"""The id and the outputs of a new resource."""

Creator = Callable[[Context, Inputs], Created]
Updater = Callable[[Context, str, Inputs], Outputs]
"""(context, id, inputs) -> the outputs that changed."""
Deleter = Callable[[Context, str, Outputs], None]
"""(context, id, state); the state holds the inputs and the outputs."""
Function = Callable[[Context, Inputs], dict[str, Any]]
"""(context, arguments) -> the result of a provider function such as `aws.get_region`."""


@dataclass(frozen=True)
class Update:
    """How a resource type changes in place."""

    run: Updater | None
    """None: the creator runs again, because AWS overwrites what exists."""
    replaced_by: tuple[str, ...]
    """The inputs whose change replaces the resource."""
    changes: tuple[str, ...] | None = None
    """The inputs that the update can change; a change of others is refused. None: all inputs."""
    outputs: tuple[str, ...] = ()
    """The outputs that an update may change. They are unknown in a preview."""


def overwrite(*replaced_by: str) -> Update:
    """Update by running the creator again. `replaced_by` names the inputs that identify it."""
    return Update(None, replaced_by=replaced_by)


REFUSED = Update(None, replaced_by=(), changes=())
"""AWS changes such a resource in place and local mode cannot; a new one would lose its data."""


def state_only(_context: Context, _id: str, _inputs: Inputs) -> Outputs:
    """Update nothing in AWS: only the deletion reads such an input, from the state."""
    return {}


class Call:
    """A deletion by one AWS operation."""

    def __init__(self, service: str, operation: str, **parameters: str) -> None:
        """`parameters` maps parameters of the operation to properties of the state, or to `id`."""
        self.service, self.operation, self.parameters = service, operation, parameters

    def __call__(self, context: Context, id_: str, state: Outputs) -> None:
        """Call the operation. Properties without a value are left out."""
        known = {**state, "id": id_}
        given = {name: known[key] for name, key in self.parameters.items() if known.get(key)}
        context.call(self.service, self.operation, {}, **given)


def with_owner(_context: Context, _id: str, _state: Outputs) -> None:
    """Delete nothing: the resource is a setting of another one and is deleted with that."""


@dataclass(frozen=True)
class ResourceType:
    """The operations of one resource type."""

    create: Creator
    update: Update | None
    """None: every change replaces the resource."""
    delete: Deleter


@dataclass(frozen=True)
class ProviderFunction:
    """The answer to one provider function."""

    run: Function
    preview: dict[str, Any] | None
    """The result in a preview, for a function that asks AWS. None: `run` needs no AWS."""


TYPES: dict[str, ResourceType] = {}
FUNCTIONS: dict[str, ProviderFunction] = {}
Decorator = Callable[[Creator], Creator]
F = TypeVar("F", bound=Function)


def creates(token: str, *, delete: Deleter, update: Update | None = None) -> Decorator:
    """Register the decorated function as the creator of a resource type."""

    def register(create: Creator) -> Creator:
        TYPES[token] = ResourceType(create, update, delete)
        return create

    return register


def invokes(token: str, *, preview: dict[str, Any] | None = None) -> Callable[[F], F]:
    """Register the decorated function as the answer to a provider function."""

    def register(run: F) -> F:
        FUNCTIONS[token] = ProviderFunction(run, preview)
        return run

    return register


def resource_type(token: str) -> ResourceType | None:
    """Return the resource type of a token, or None if local mode does not have it."""
    _load(module(token))
    return TYPES.get(token)


def function(token: str) -> ProviderFunction | None:
    """Return the provider function of a token, or None if local mode does not have it."""
    _load(module(token))
    return FUNCTIONS.get(token)


def module(token: str) -> str:
    """Return the name of the module for the service of a token."""
    service = token.split(":")[1].split("/")[0] if token.count(":") > 1 else token
    return f"local.creators.{service}{'_' if keyword.iskeyword(service) else ''}"


def path(token: str) -> str:
    """Return the file where the code for `token` belongs."""
    return module(token).replace(".", "/") + ".py"


def _load(name: str) -> None:
    """Import a module on first use: each service loads a large botocore model."""
    if importlib.util.find_spec(name):
        importlib.import_module(name)
