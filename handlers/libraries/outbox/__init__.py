"""The layer that owns event schemas: state and its events are committed together, or not at all.

    outbox = Outbox("outbox", "orders", Path(__file__).parent / "schemas", dynamodb)
    outbox.transact([{"Put": {...}}], [Event("OrderCreated", 1, order_id, 1, {...})], token)

Those downstream (relay, bus, table) carry the finished text and know no schema.
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
