"""Marks of the object versions that reports include, in a table (key `id`, TTL `expiresAt`)."""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_RETENTION = timedelta(days=15)  # longer than a message can wait in SQS


class Marks:
    """Reads and writes marks. They save queries; writing a report twice is harmless."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def known(self, identities: Iterable[str]) -> set[str]:
        """Return the identities that have a mark."""
        found: set[str] = set()
        # Two messages can have the same object, and DynamoDB refuses a key that stands twice.
        for part in _parts(sorted(set(identities)), 100):
            wanted: Any = {self._table: {"Keys": [{"id": {"S": each}} for each in part]}}
            while wanted:
                answer = self._client.batch_get_item(RequestItems=wanted)
                found |= {item["id"]["S"] for item in answer["Responses"].get(self._table, [])}
                wanted = answer.get("UnprocessedKeys")
        return found

    def put(self, identities: Iterable[str]) -> None:
        """Write the marks of identities."""
        expires = str(int(time.time() + _RETENTION.total_seconds()))
        for part in _parts(sorted(set(identities)), 25):
            items = [{"id": {"S": each}, "expiresAt": {"N": expires}} for each in part]
            wanted: Any = {self._table: [{"PutRequest": {"Item": item}} for item in items]}
            while wanted:
                wanted = self._client.batch_write_item(RequestItems=wanted).get("UnprocessedItems")


def _parts(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
