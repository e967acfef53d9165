"""Keeps the products of the catalogue."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from api import Api, allowed_origins
from aws_clients import Clients

from .changes import Changes
from .products import Products

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sns import SNSClient


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    products_table: str
    topic_arn: str
    """Topic of changed products."""


class CatalogueClients(Protocol):
    """The AWS clients that the service uses."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def sns(self) -> "SNSClient": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read, list, put or delete products.

    Args:
        event: a proxy event of the service.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: not used.

    Returns:
        The proxy response of the operation in `apis/catalogue.yaml`.
    """
    return catalogue()(event)


@cache
def catalogue() -> Api:
    """Return the service, created once for each process."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: CatalogueClients, origins: frozenset[str]) -> Api:
    """Return the API with these settings and clients."""
    changes = Changes(settings.topic_arn, clients.sns)
    products = Products(settings.products_table, clients.dynamodb, changes)
    operations = {
        "GET /products": products.list,
        "GET /products/{productId}": products.get,
        "PUT /products/{productId}": products.put,
        "DELETE /products/{productId}": products.delete,
    }
    return Api(operations, origins)
