"""The error of an invalid request."""


class Refusal(Exception):
    """A request that the caller must change.

    Attributes:
        status: HTTP status code.
        field: the invalid member, parameter or header, or `body`.
        message: what is wrong with it, without its contents.
    """

    def __init__(self, status: int, field: str, message: str) -> None:
        """Create the error from its attributes."""
        super().__init__(f"{field} {message}")
        self.status = status
        self.field = field
        self.message = message
