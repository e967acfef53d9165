"""Checks of the members of a JSON body."""

import re
from typing import Any

from .refusal import Refusal


class Members:
    """Takes members by name; what is wrong with one is refused as 400 with its name.

    Args:
        body: the whole object.
        required: names that must be there.
        optional: names that may be there; any other is refused.
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
        """A string, its length in characters."""
        value = self._body[name]
        if not isinstance(value, str):
            raise Refusal(400, name, "must be of type string")
        if len(value) < min_length:
            raise Refusal(400, name, f"must have at least {min_length} characters")
        if len(value) > max_length:
            raise Refusal(400, name, f"must have at most {max_length} characters")
        return value

    def matching(self, name: str, max_length: int, pattern: "re.Pattern[str]", wanted: str) -> str:
        """A string that is as `wanted` says in words."""
        value = self.text(name, max_length)
        if not pattern.fullmatch(value):
            raise Refusal(400, name, f"must be {wanted}")
        return value

    def boolean(self, name: str) -> bool:
        """`true` or `false`."""
        value = self._body[name]
        if not isinstance(value, bool):
            raise Refusal(400, name, "must be of type boolean")
        return value

    def integer(self, name: str, minimum: int, maximum: int) -> int:
        """A whole number, written as one."""
        value = self._body[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(400, name, "must be of type integer")
        if not minimum <= value <= maximum:
            raise Refusal(400, name, f"must be from {minimum} to {maximum}")
        return value
