"""The error of a record that is rejected."""


class Rejected(Exception):
    """A record cannot go into the table. The message names reason and field, never a value."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{reason}: {field}" if field else reason)
        self.reason = reason
        self.field = field
