"""Reads a to-do, or a page of a user's to-dos."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from api import Api, allowed_origins
from aws_clients import Clients, UsesDynamoDB

from .._shared.reading import Reading


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    todos_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read to-dos of the caller.

    Args:
        event: a proxy event of the REST API with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of `getTodo` or `listTodos` in `apis/todo.yaml`.
    """
    return todos_read()(event)


@cache
def todos_read() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: UsesDynamoDB, origins: frozenset[str]) -> Api:
    """Return the API with these settings and clients."""
    return Api(Reading(settings.todos_table, clients.dynamodb).operations, origins)
