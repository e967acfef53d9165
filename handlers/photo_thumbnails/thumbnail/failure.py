"""The error of a photo that cannot be converted."""


class Failure(Exception):
    """A photo that no second try makes better.

    Attributes:
        code: one word, of those that docs/photos.md lists.
        message: a sentence for the person who uploaded it.
        details: further facts, such as labels.
    """

    def __init__(self, code: str, message: str, details: "dict[str, object] | None" = None) -> None:
        """Name the reason."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details or {}
