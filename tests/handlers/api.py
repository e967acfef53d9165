"""Helpers for the tests of all APIs: allowed origins, responses and recording clients."""

import json
from typing import Any

ORIGIN = "https://app.example.com"
ORIGINS = frozenset({ORIGIN, "https://other.example.com"})


class Answer:
    """A response of an operation."""

    def __init__(self, response: dict[str, Any]) -> None:
        self.status: int = response["statusCode"]
        self.headers: dict[str, str] = response["headers"]
        self.text: str = response["body"]
        json_text = self.text and not self.headers["Content-Type"].startswith("text/html")
        self.body: Any = json.loads(self.text) if json_text else None

    @property
    def refused(self) -> tuple[int, str]:
        """Return the status and the field of an error."""
        assert sorted(self.body) == ["error", "field", "message"]
        return self.status, self.body["field"]


class Spy:
    """A client that records every call and its result."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[tuple[str, dict[str, Any], Any]] = []

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if not callable(value) or name == "exceptions":
            return value

        def call(*args: Any, **arguments: Any) -> Any:
            result = value(*args, **arguments)
            self.calls.append((name, arguments, result))
            return result

        return call
