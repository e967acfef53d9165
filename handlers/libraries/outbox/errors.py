"""Errors of transactions that are refused before anything is written."""


class OutboxError(ValueError):
    """Base of the errors below. Messages name events and fields, never their contents."""


class UnknownSchema(OutboxError):
    """No schema has the event's type and version."""


class InvalidEvent(OutboxError):
    """An event does not validate against its schema.

    Attributes:
        field: path of the field at fault, such as `items[0].sku`.
    """

    def __init__(self, event: str, field: str, message: str) -> None:
        """Name the event, the field and what is wrong with it."""
        super().__init__(f"{event}: {field} {message}")
        self.field = field


class TransactionTooLarge(OutboxError):
    """A limit of `TransactWriteItems` or of one item is passed."""
