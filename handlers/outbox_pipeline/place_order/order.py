"""An order as an item, as events and as a response."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from outbox import Event

from .request import Request

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

_NAMESPACE = uuid.UUID("0d3d1b2e-6c39-5d0c-8e1b-8c2f4d8d6a37")

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Order:
    """An accepted order."""

    order_id: str
    """Follows from the customer and the idempotency key, so that a repeated request names it."""
    digest: str
    """Of the request's order: tells a repeated request from another one under the same key."""
    document: dict[str, Any]
    """What the caller sees: their order with `orderId`, `total`, `status` and `createdAt`."""

    def item(self) -> "dict[str, AttributeValueTypeDef]":
        """The orders table's item."""
        return {
            name: _serialize(value)
            for name, value in {**self.document, "requestDigest": self.digest}.items()
        }

    def events(self) -> list[Event]:
        """The events, in this order."""
        invoice = ("orderId", "customerId", "currency", "total")
        created = {name: value for name, value in self.document.items() if name != "status"}
        requested = {name: self.document[name] for name in invoice}
        return [
            Event("OrderCreated", 1, self.order_id, 1, created),
            Event("InvoiceRequested", 1, self.order_id, 2, requested),
        ]


def accept(request: Request, now: datetime) -> Order:
    """Make the order of a checked request; the total is ours, never the caller's."""
    order = request.order
    order_id = str(uuid.uuid5(_NAMESPACE, json.dumps([order["customerId"], request.key])))
    document = {
        "orderId": order_id,
        **order,
        "total": sum(item["quantity"] * item["unitPrice"] for item in order["items"]),
        "status": "ACCEPTED",
        "createdAt": now.isoformat(timespec="milliseconds"),
    }
    return Order(order_id, digest(order), document)


def digest(order: dict[str, Any]) -> str:
    """SHA-256 of an order, whatever the sequence of its members and its white space."""
    text = json.dumps(order, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def stored(item: Mapping[str, Any]) -> Order:
    """The order of an item of the orders table."""
    document = {name: _deserialize(value) for name, value in item.items()}
    digest = document.pop("requestDigest", "")
    return Order(document["orderId"], digest, document)
