"""Reads the rights of a user."""

from typing import TYPE_CHECKING, Any

from .keys import prefix

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

__all__ = ["Rights"]

_FOR_EVER = float("inf")


class Rights:
    """Reads the rights in one table."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def until(self, user: str, item: str, now: float, wanted: float) -> float | None:
        """Return when a user's access to an item ends, in Unix seconds.

        Infinity means that it does not end, None that there is no access. Reads are consistent, so
        that purchases and cancellations have effect at once.

        Args:
            user: `sub` of the user in the user pool.
            item: the item.
            now: current time in Unix seconds.
            wanted: end that is sufficient; the search stops when it is found.
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
            # The TTL of the table may delete rows days later.
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
