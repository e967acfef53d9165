"""Places an order: writes it and its events in one transaction, once."""

import json
import logging
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import environment
from api import Refusal
from aws_clients import Clients, UsesDynamoDB
from outbox import Outbox

from .place import Busy, Placing
from .request import read_request

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    orders_table: str
    outbox_table: str
    event_source: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Place an order.

    Args:
        event: a proxy event of the REST API with an order (`order.json`) as body and the header
            Idempotency-Key. An event of a direct invocation needs no `requestContext`, and names
            its principal in `principal`.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        A proxy response with a JSON body: 201 and the new order; 200 and the same order for a
        repeated request, however late; 400, 409 (the key was used for another order), 413 or 415
        and `{"error", "field", "message"}`; 503 with Retry-After when the outcome is unknown: the
        caller repeats the request with the same key.
    """
    return place_order()(event)


@cache
def place_order() -> "PlaceOrder":
    """Return the function, created once for each execution environment."""
    return PlaceOrder(environment.read(Settings), Clients())


class PlaceOrder:
    """Callable that answers a proxy event."""

    def __init__(self, settings: Settings, clients: UsesDynamoDB) -> None:
        self._settings = settings
        self._clients = clients

    @cached_property
    def _placing(self) -> Placing:
        client = self._clients.dynamodb
        schemas = Path(__file__).with_name("schemas")
        outbox = Outbox(self._settings.outbox_table, self._settings.event_source, schemas, client)
        return Placing(self._settings.orders_table, outbox, client)

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        """Place the order of a proxy event, and return the proxy response."""
        try:
            order, is_new = self._placing.place(read_request(event))
        except Refusal as refusal:
            logger.info("order refused", extra={"status": refusal.status})
            return _error(refusal.status, refusal.field, refusal.message)
        except Busy as busy:
            logger.warning("order not placed now", extra={"error": type(busy.__cause__).__name__})
            return _error(503, "", "try again with the same Idempotency-Key", {"Retry-After": "1"})
        logger.info("order placed", extra={"orderId": order.order_id, "isNew": is_new})
        return _answer(201 if is_new else 200, order.document)


_ERRORS = {
    400: "BadRequest",
    401: "Unauthorized",
    409: "Conflict",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    503: "ServiceUnavailable",
}


def _error(
    status: int, field: str, message: str, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    body = {"error": _ERRORS[status], "field": field, "message": message}
    return _answer(status, body, headers)


def _answer(
    status: int, body: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(body, default=int),  # DynamoDB returns Decimal; all numbers are integers
        "isBase64Encoded": False,
    }
