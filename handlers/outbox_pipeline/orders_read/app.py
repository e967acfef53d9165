"""Reads an order by its ID, for the principal that placed it."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import environment
from api import Api, Refusal, Request, Response, allowed_origins, if_changed, of_body
from aws_clients import Clients, UsesDynamoDB
from boto3.dynamodb.types import TypeDeserializer

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    orders_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read an order.

    Args:
        event: a proxy event of the REST API, with the path parameter `orderId`.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of `getOrder` in `apis/orders.yaml`.
    """
    return orders_read()(event)


@cache
def orders_read() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: UsesDynamoDB, origins: frozenset[str]) -> Api:
    """Return the API with these settings and clients."""
    reading = Reading(settings.orders_table, clients.dynamodb)
    return Api({"GET /orders/{orderId}": reading.get}, origins)


class Reading:
    """Reads one orders table."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def get(self, request: Request) -> Response:
        """Read one order with a consistent read, so that a new order is found at once.

        The order of another principal is answered as one that does not exist.
        """
        answer = self._client.get_item(
            TableName=self._table,
            Key={"orderId": {"S": request.uuid("orderId")}},
            ConsistentRead=True,
        )
        order = {name: _deserialize(value) for name, value in answer.get("Item", {}).items()}
        if not order or order.pop("principal", None) != request.principal:
            raise Refusal(404, "orderId", "is not the ID of an order")
        order.pop("requestDigest", None)  # only place_order uses it
        return if_changed(request, order, of_body(order))
