"""Creates the shipment of an OrderCreated event."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from boto3.dynamodb.types import TypeSerializer
from partial_batch import BadRecord

from .message import OrderCreated

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_serialize = TypeSerializer().serialize


def start(event: OrderCreated, table: str) -> "TransactWriteItemTypeDef":
    """Return the write that creates the shipment of an order.

    Raises:
        BadRecord: the event lacks the order's ID, items or address.
    """
    missing = [name for name in ("orderId", "items", "shippingAddress") if name not in event.data]
    if missing:
        raise BadRecord(f"data.{missing[0]} is missing")
    shipment = {
        "orderId": event.data["orderId"],
        "eventId": event.event_id,
        "status": "STARTED",
        "items": event.data["items"],
        "shippingAddress": event.data["shippingAddress"],
        "createdAt": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    return {
        "Put": {
            "TableName": table,
            "Item": {name: _serialize(value) for name, value in shipment.items()},
        }
    }
