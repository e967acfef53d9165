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
    """Read from the variables of the same names in capitals."""

    todos_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Write a to-do of the caller.

    Args:
        event: a REST API's proxy event with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as `createTodo`, `updateTodo` and `deleteTodo` of `apis/todo.yaml` describe
        it.
    """
    return todos_write()(event)


@cache
def todos_write() -> Api:
    """Return the function of this execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: UsesDynamoDB, origins: frozenset[str]) -> Api:
    """Return the function. It makes no calls yet."""
    writing = Writing(settings.todos_table, clients.dynamodb)
    operations = {
        "POST /todos": writing.create,
        "PUT /todos/{todoId}": writing.update,
        "DELETE /todos/{todoId}": writing.delete,
    }
    return Api(operations, origins)
