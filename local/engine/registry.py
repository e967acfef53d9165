"""The tables that say how local mode makes each resource type and answers each function.

A creator lives in `local/creators/<service>.py`, the service being the second part of the type
token: `aws:dynamodb/table:Table` is made in `local/creators/dynamodb.py`.
"""

import importlib.util
import keyword
from collections.abc import Callable
from typing import Any, TypeVar

Inputs = dict[str, Any]
Created = tuple[str, dict[str, Any]]
Creator = Callable[[Any, Inputs], Created]
"""(context, inputs) -> (id, outputs); the context is a `local.engine.context.Context`."""
Function = Callable[[Any, Inputs], dict[str, Any]]
"""(context, arguments) -> result of a provider function such as `aws.get_region`."""
F = TypeVar("F", bound=Callable[..., Any])

CREATORS: dict[str, Creator] = {}
FUNCTIONS: dict[str, Function] = {}


def creates(token: str) -> Callable[[F], F]:
    """Registers the decorated function as the creator of a resource type."""
    return _into(CREATORS, token)


def invokes(token: str) -> Callable[[F], F]:
    """Registers the decorated function as the answer to a provider function."""
    return _into(FUNCTIONS, token)


def creator(token: str) -> Creator | None:
    """The creator of a resource type, None when local mode has none."""
    _load(module(token))
    return CREATORS.get(token)


def function(token: str) -> Function | None:
    """The answer to a provider function, None when local mode has none."""
    _load(module(token))
    return FUNCTIONS.get(token)


def module(token: str) -> str:
    """Name of the module that holds the creators of a token's service."""
    service = token.split(":")[1].split("/")[0] if token.count(":") > 1 else token
    return f"local.creators.{service}{'_' if keyword.iskeyword(service) else ''}"


def path(token: str) -> str:
    """The file where a creator for `token` belongs."""
    return module(token).replace(".", "/") + ".py"


def _load(name: str) -> None:
    """Imports only what a program uses: a service costs its botocore model otherwise."""
    if importlib.util.find_spec(name):
        importlib.import_module(name)


def _into(table: dict[str, Any], token: str) -> Callable[[F], F]:
    def register(made: F) -> F:
        table[token] = made
        return made

    return register
