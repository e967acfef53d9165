"""Validates events by their schemas, and writes state and events in one transaction.

    outbox = Outbox("outbox", "orders", Path(__file__).parent / "schemas", dynamodb)
    outbox.transact([{"Put": {...}}], [Event("OrderCreated", 1, order_id, 1, {...})])

The table, the relay and the bus only transport the JSON text; they do not need the schemas.
"""

from .errors import InvalidEvent, OutboxError, TransactionTooLarge, UnknownSchema
from .event import Event
from .outbox import Outbox
from .schemas import Problem, Schemas, check, compile_schema

__all__ = [
    "Event",
    "InvalidEvent",
    "Outbox",
    "OutboxError",
    "Problem",
    "Schemas",
    "TransactionTooLarge",
    "UnknownSchema",
    "check",
    "compile_schema",
]
