"""An order as an item, as events and as a response."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api import Refusal
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from outbox import Event

from .request import Request

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

_MAX_TOTAL = 2**53 - 1
_NAMESPACE = uuid.UUID("0d3d1b2e-6c39-5d0c-8e1b-8c2f4d8d6a37")

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Order:
    """An accepted order."""

    order_id: str
    """Derived from principal, customer and idempotency key, so that a repeated request has the same
    ID."""
    principal: str
    """Whose order it is: only this principal can read it."""
    digest: str
    """Digest of the requested order. It differs if the same key is used for another order."""
    document: dict[str, Any]
    """The response body: the requested order with `orderId`, `total`, `status` and `createdAt`."""

    def item(self) -> "dict[str, AttributeValueTypeDef]":
        """Return the item for the orders table."""
        return {
            name: _serialize(value)
            for name, value in {
                **self.document,
                "principal": self.principal,
                "requestDigest": self.digest,
            }.items()
        }

    def events(self) -> list[Event]:
        """Return the events of the order, by sequence number."""
        invoice = ("orderId", "customerId", "currency", "total")
        created = {name: value for name, value in self.document.items() if name != "status"}
        requested = {name: self.document[name] for name in invoice}
        return [
            Event("OrderCreated", 1, self.order_id, 1, created),
            Event("InvoiceRequested", 1, self.order_id, 2, requested),
        ]


def accept(request: Request, now: datetime) -> Order:
    """Create the order of a valid request. The total is computed, never taken from the caller.

    Raises:
        Refusal: 400, the total is larger than the numbers that all readers of JSON keep exactly.
            https://www.rfc-editor.org/rfc/rfc8259#section-6
    """
    order = request.order
    total = sum(item["quantity"] * item["unitPrice"] for item in order["items"])
    if total > _MAX_TOTAL:
        raise Refusal(400, "items", f"must have a total of at most {_MAX_TOTAL}")
    identity = [request.principal, order["customerId"], request.key]
    order_id = str(uuid.uuid5(_NAMESPACE, json.dumps(identity)))
    document = {
        "orderId": order_id,
        **order,
        "total": total,
        "status": "ACCEPTED",
        "createdAt": now.isoformat(timespec="milliseconds"),
    }
    return Order(order_id, request.principal, digest(order), document)


def digest(order: dict[str, Any]) -> str:
    """Return the SHA-256 of an order, independent of member order and white space."""
    text = json.dumps(order, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def stored(item: Mapping[str, Any]) -> Order:
    """Return the order that an item of the orders table contains."""
    document = {name: _deserialize(value) for name, value in item.items()}
    principal, digest = document.pop("principal", ""), document.pop("requestDigest", "")
    return Order(document["orderId"], principal, digest, document)
