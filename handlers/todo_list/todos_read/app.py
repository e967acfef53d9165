"""To-dos, read: one, or a page of a user's list. It never writes."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from api import Api, allowed_origins
from aws_clients import Clients, UsesDynamoDB

from .dax import CachedTable, connect
from .read import Reading, Source


@dataclass(frozen=True)
class Settings:
    """Read from the variables of the same names in capitals."""

    todos_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read to-dos of the caller.

    Args:
        event: a REST API's proxy event with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as `getTodo` and `listTodos` of `apis/todo.yaml` describe it.
    """
    return todos_read()(event)


@cache
def todos_read() -> Api:
    """Make the function of this execution environment.

    DAX_ENDPOINT may name a cluster (`daxs://...`); without it reads go to the table.
    """
    settings, clients = environment.read(Settings), Clients()
    endpoint = os.environ.get("DAX_ENDPOINT")
    return make(settings, clients, allowed_origins(), endpoint)


def make(
    settings: Settings, clients: UsesDynamoDB, origins: frozenset[str], dax_endpoint: str | None
) -> Api:
    """Make the function; nothing is called yet."""
    source: Source = clients.dynamodb
    if dax_endpoint:
        region = clients.dynamodb.meta.region_name
        source = CachedTable(lambda: connect(dax_endpoint, region), clients.dynamodb)
    reading = Reading(settings.todos_table, source)
    operations = {"GET /todos": reading.list, "GET /todos/{todoId}": reading.get}
    return Api(operations, origins)
