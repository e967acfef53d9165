"""The members of a JSON body, each taken with a check."""

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

    def text(self, name: str, longest: int, shortest: int = 0) -> str:
        """A string, its length in characters."""
        value = self._body[name]
        if not isinstance(value, str):
            raise Refusal(400, name, "must be of type string")
        if len(value) < shortest:
            raise Refusal(400, name, f"must have at least {shortest} characters")
        if len(value) > longest:
            raise Refusal(400, name, f"must have at most {longest} characters")
        return value

    def matching(self, name: str, longest: int, pattern: "re.Pattern[str]", wanted: str) -> str:
        """A string that is as `wanted` says in words."""
        value = self.text(name, longest)
        if not pattern.fullmatch(value):
            raise Refusal(400, name, f"must be {wanted}")
        return value

    def boolean(self, name: str) -> bool:
        """`true` or `false`."""
        value = self._body[name]
        if not isinstance(value, bool):
            raise Refusal(400, name, "must be of type boolean")
        return value

    def integer(self, name: str, least: int, most: int) -> int:
        """A whole number, written as one."""
        value = self._body[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(400, name, "must be of type integer")
        if not least <= value <= most:
            raise Refusal(400, name, f"must be from {least} to {most}")
        return value
