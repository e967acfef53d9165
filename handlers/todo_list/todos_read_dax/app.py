"""Reads to-dos as `todos_read` does, through a DAX cluster."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from api import Api, allowed_origins
from aws_clients import Clients, UsesDynamoDB

from .._shared.reading import Reading, Source
from .dax import CachedTable, connect


@dataclass(frozen=True)
class Settings:
    """Read from the variables of the same names in capitals."""

    todos_table: str
    dax_endpoint: str = ""
    """URL of the cluster, `daxs://...`; empty where there is none, as in local mode."""


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
    """Return the function of this execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: UsesDynamoDB, origins: frozenset[str]) -> Api:
    """Return the function. It makes no calls yet."""
    source: Source = clients.dynamodb
    endpoint, region = settings.dax_endpoint, clients.dynamodb.meta.region_name
    if endpoint:
        source = CachedTable(lambda: connect(endpoint, region), clients.dynamodb)
    return Api(Reading(settings.todos_table, source).operations, origins)
