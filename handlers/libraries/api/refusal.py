"""Errors of requests that are the caller's to fix."""


class Refusal(Exception):
    """A request that the caller must change.

    Attributes:
        status: HTTP status code.
        field: the member, parameter or header at fault, or `body`.
        message: what is wrong with it; never what it contained.
    """

    def __init__(self, status: int, field: str, message: str) -> None:
        """Name the field and what is wrong with it."""
        super().__init__(f"{field} {message}")
        self.status = status
        self.field = field
        self.message = message
