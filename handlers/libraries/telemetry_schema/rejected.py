"""The error of a record that is rejected."""


class Rejected(Exception):
    """An invalid record. The message names reason and field, never a value."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{reason}: {field}" if field else reason)
        self.reason = reason
        self.field = field
