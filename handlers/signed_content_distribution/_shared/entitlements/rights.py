"""Reads the rights of a user."""

from typing import TYPE_CHECKING, Any

from .keys import prefix

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

__all__ = ["Rights"]

_FOR_EVER = float("inf")


class Rights:
    """Reads one table."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def until(self, user: str, item: str, now: float, wanted: float) -> float | None:
        """When a user's access to an item ends, in Unix seconds: infinity for one that does not,
        None for no access.

        Reads are consistent: who has paid is let in at once, who is cancelled is refused at once.

        Args:
            user: the user pool's `sub`.
            item: what is sold.
            now: Unix seconds.
            wanted: what is enough; a later end is then not looked for.
        """
        ends: list[float] = []
        for each in (prefix(item), prefix(None)):
            ends += self._ends(user, each, now)
            if ends and max(ends) >= wanted:
                break
        return max(ends, default=None)

    def _ends(self, user: str, prefix: str, now: float) -> list[float]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="userId = :user AND begins_with(#grant, :prefix)",
            # Not left to the table's TTL, which may take days.
            FilterExpression="attribute_not_exists(validUntil) OR validUntil > :now",
            ProjectionExpression="validUntil",
            ExpressionAttributeNames={"#grant": "grant"},
            ExpressionAttributeValues={
                ":user": {"S": user},
                ":prefix": {"S": prefix},
                ":now": {"N": str(int(now * 1000))},
            },
        )
        return [_seconds(row) for page in pages for row in page["Items"]]


def _seconds(row: Any) -> float:
    return int(row["validUntil"]["N"]) / 1000 if "validUntil" in row else _FOR_EVER
