"""Reads the idempotency key and the order from a proxy event."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import api
import outbox

MAX_BODY_BYTES = 256 * 1024


@dataclass(frozen=True)
class Request:
    """A valid request to place an order."""

    principal: str
    """Whose order it is; see `api.Request.principal`."""
    key: str
    """The idempotency key."""
    order: dict[str, Any]
    """The order, valid by `order.json`."""


def read_request(event: dict[str, Any]) -> Request:
    """Read and check a request.

    Raises:
        Refusal: the request is invalid; it has the status code and the invalid field.
    """
    request = api.Request(event)
    principal = request.principal
    key = request.idempotency_key()
    order = request.body(MAX_BODY_BYTES)
    problem = outbox.check(_order_schema(), order)
    if problem:
        raise api.Refusal(400, problem.field or "body", problem.message)
    return Request(principal, key, order)


@cache
def _order_schema() -> Any:
    return outbox.compile_schema(Path(__file__).with_name("order.json"))
