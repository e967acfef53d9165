"""Writes purchases from shop events, which may be repeated, late or out of order."""

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .keys import grant

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

__all__ = ["Outcome", "Purchase", "Purchases"]

RETENTION_SECONDS = 30 * 24 * 3600
"""How long a row is retained after its access ended, so that a late event finds it."""


class Outcome(enum.Enum):
    """The result of an event."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    """It is the event that was applied last."""
    STALE = "stale"
    """A later event was applied before, or the event is too old to know this."""


@dataclass(frozen=True)
class Purchase:
    """The state of one purchase after an event. Times are Unix milliseconds."""

    event_id: str
    occurred_at: int
    user: str
    item: str | None
    """None for a plan that covers all items."""
    purchase: str
    cancelled: bool
    valid_until: int | None
    """None means forever. A cancelled purchase without it ends when it was cancelled."""

    @property
    def ends_at(self) -> int | None:
        """The time when the access ends; None if it does not."""
        if self.cancelled and self.valid_until is None:
            return self.occurred_at
        return self.valid_until


class Purchases:
    """Writes the purchases of one table."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def apply(self, event: Purchase, now: float) -> Outcome:
        """Write the state unless a later one exists, with one conditional write.

        Args:
            event: the state.
            now: current time in Unix seconds.
        """
        if event.occurred_at < (now - RETENTION_SECONDS) * 1000:
            return Outcome.STALE
        values: dict[str, AttributeValueTypeDef] = {":at": {"N": str(event.occurred_at)}}
        newer = "lastEventAt < :at"
        if event.cancelled:
            # Of two events at the same time, the cancellation wins in any order.
            newer = "(lastEventAt <= :at AND lastEventId <> :id)"
            values[":id"] = {"S": event.event_id}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_row(event, now),
                ConditionExpression=f"attribute_not_exists(userId) OR {newer}",
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            row: Any = error.response.get("Item") or {}
            again = row.get("lastEventId") == {"S": event.event_id}
            return Outcome.DUPLICATE if again else Outcome.STALE
        return Outcome.APPLIED


def _row(event: Purchase, now: float) -> "dict[str, AttributeValueTypeDef]":
    row: dict[str, AttributeValueTypeDef] = {
        "userId": {"S": event.user},
        "grant": {"S": grant(event.item, event.purchase)},
        "cancelled": {"BOOL": event.cancelled},
        "lastEventAt": {"N": str(event.occurred_at)},
        "lastEventId": {"S": event.event_id},
    }
    ends_at = event.ends_at
    if ends_at is not None:
        kept_until = int(max(ends_at / 1000, now)) + RETENTION_SECONDS
        row["validUntil"] = {"N": str(ends_at)}
        row["expiresAt"] = {"N": str(kept_until)}
    return row
