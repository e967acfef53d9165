"""Creates, replaces and deletes to-dos."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from api import Api, allowed_origins
from aws_clients import Clients, UsesDynamoDB

from .write import Writing


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    todos_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Create, replace or delete a to-do of the caller.

    Args:
        event: a proxy event of the REST API with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of `createTodo`, `updateTodo` or `deleteTodo` in `apis/todo.yaml`.
    """
    return todos_write()(event)


@cache
def todos_write() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: UsesDynamoDB, origins: frozenset[str]) -> Api:
    """Return the API with these settings and clients."""
    writing = Writing(settings.todos_table, clients.dynamodb)
    operations = {
        "POST /todos": writing.create,
        "PUT /todos/{todoId}": writing.update,
        "DELETE /todos/{todoId}": writing.delete,
    }
    return Api(operations, origins)
