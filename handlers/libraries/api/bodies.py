"""Checks of the members of a JSON body."""

import re
from typing import Any

from .refusal import Refusal


class Members:
    """Reads and checks members by name. An invalid member is refused with 400 and its name.

    Args:
        body: the whole object.
        required: names of required members.
        optional: names of optional members. Any other member is refused.
    """

    def __init__(
        self, body: dict[str, Any], required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        for name in required:
            if name not in body:
                raise Refusal(400, name, "is missing")
        for name in body:
            if name not in (*required, *optional):
                raise Refusal(400, name[:64], "is not expected")
        self._body = body

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def text(self, name: str, max_length: int, min_length: int = 0) -> str:
        """Return a string. Lengths are in characters."""
        value = self._body[name]
        if not isinstance(value, str):
            raise Refusal(400, name, "must be of type string")
        if len(value) < min_length:
            raise Refusal(400, name, f"must have at least {min_length} characters")
        if len(value) > max_length:
            raise Refusal(400, name, f"must have at most {max_length} characters")
        return value

    def matching(self, name: str, max_length: int, pattern: "re.Pattern[str]", wanted: str) -> str:
        """Return a string that matches a pattern; `wanted` describes it in the error message."""
        value = self.text(name, max_length)
        if not pattern.fullmatch(value):
            raise Refusal(400, name, f"must be {wanted}")
        return value

    def boolean(self, name: str) -> bool:
        """Return a boolean."""
        value = self._body[name]
        if not isinstance(value, bool):
            raise Refusal(400, name, "must be of type boolean")
        return value

    def integer(self, name: str, min_value: int, max_value: int) -> int:
        """Return an integer; `1.0` is refused."""
        value = self._body[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(400, name, "must be of type integer")
        if not min_value <= value <= max_value:
            raise Refusal(400, name, f"must be from {min_value} to {max_value}")
        return value
