"""Errors of transactions that are rejected before anything is written."""


class OutboxError(ValueError):
    """Base class. Messages name events and fields, never their contents."""


class UnknownSchema(OutboxError):
    """There is no schema for the type and version of an event."""


class InvalidEvent(OutboxError):
    """An event does not validate against its schema.

    Attributes:
        field: path of the invalid field, such as `items[0].sku`.
    """

    def __init__(self, event: str, field: str, message: str) -> None:
        """Create the error from the event, the field and what is wrong with it."""
        super().__init__(f"{event}: {field} {message}")
        self.field = field


class TransactionTooLarge(OutboxError):
    """A limit of `TransactWriteItems` or of one item is exceeded."""
