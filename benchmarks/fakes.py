"""What takes the place of AWS where only the code's own work counts."""

from collections.abc import Sequence
from typing import Any


class FakeTable:
    """A DynamoDB client that knows marks and answers at once."""

    def batch_execute_statement(self, Statements: Sequence[object]) -> dict[str, Any]:
        """Accept all."""
        return {"Responses": [{} for _ in Statements]}


class FakeBus:
    """An EventBridge client that answers at once."""

    def put_events(self, Entries: Sequence[object]) -> dict[str, Any]:
        """Accept all."""
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


class FakeContext:
    """A Lambda context with all the time there is."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds left."""
        return 900_000
