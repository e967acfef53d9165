"""The error of a photo that cannot be converted."""


class Failure(Exception):
    """A photo that cannot be converted; a retry does not help.

    Attributes:
        code: error code, listed in docs/photos.md.
        message: a sentence for the person who uploaded the photo.
        details: further facts, such as labels.
    """

    def __init__(self, code: str, message: str, details: "dict[str, object] | None" = None) -> None:
        """Create the error from its attributes."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details or {}
