"""Fakes of AWS, for measures of our own code alone."""

from collections.abc import Sequence
from typing import Any


class FakeTable:
    """A DynamoDB client that accepts marks immediately."""

    def batch_execute_statement(self, Statements: Sequence[object]) -> dict[str, Any]:
        """Accept all statements."""
        return {"Responses": [{} for _ in Statements]}


class FakeBus:
    """An EventBridge client that accepts events immediately."""

    def put_events(self, Entries: Sequence[object]) -> dict[str, Any]:
        """Accept all entries."""
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


class FakeContext:
    """A Lambda context with the longest possible timeout."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining milliseconds."""
        return 900_000
