"""Writes purchases from shop events, which may be repeated, late or out of order."""

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .keys import belongs_to, cancellation, grant

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        ConditionCheckTypeDef,
        PutTypeDef,
    )

    State = dict[str, AttributeValueTypeDef]

__all__ = ["Outcome", "Purchase", "Purchases"]

_CONDITION_FAILED = "ConditionalCheckFailed"

_LAST = 10**15 - 1
"""Greater than any time of an event."""

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
    """None for a plan that covers all items, or for the cancellation of a whole purchase."""
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

    @property
    def order(self) -> str:
        """The place of the event among those of its purchase, as text that sorts.

        It is total, so that events of the same time have one result in any order of arrival: the
        cancellation comes last, then the one that ends the access first, or of grants the one that
        ends it last, then the greater event ID.
        """
        end = _LAST if self.ends_at is None else self.ends_at
        end = _LAST - end if self.cancelled else end
        return f"{self.occurred_at:015}#{self.cancelled:d}#{end:015}#{self.event_id}"


class Purchases:
    """Writes the purchases of one table."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def apply(self, event: Purchase, now: float) -> Outcome:
        """Write the state unless a later one exists.

        Args:
            event: the state.
            now: current time in Unix seconds.
        """
        if event.occurred_at < (now - RETENTION_SECONDS) * 1000:
            return Outcome.STALE
        state = _state(event, now)
        if event.cancelled and event.item is None:
            return self._cancel(event, state)
        return self._grant(event, state)

    def _cancel(self, event: Purchase, state: "State") -> Outcome:
        """Cancel everything of a purchase.

        The cancellation itself is written first, so that a grant that is not read below finds it.
        A repeated event completes what an earlier attempt left undone.
        """
        outcome = self._write(event.user, cancellation(event.purchase), state)
        if outcome is not Outcome.STALE:
            for key in self._grants(event.user, event.purchase):
                self._write(event.user, key, state)
        return outcome

    def _grants(self, user: str, purchase: str) -> list[str]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="userId = :user",
            ProjectionExpression="#grant",
            ExpressionAttributeNames={"#grant": "grant"},
            ExpressionAttributeValues={":user": {"S": user}},
        )
        keys = [row["grant"]["S"] for page in pages for row in page["Items"]]
        return [key for key in keys if belongs_to(key, purchase)]

    def _write(self, user: str, key: str, state: "State") -> Outcome:
        try:
            self._client.put_item(**self._put(user, key, state))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return _refusal(error.response.get("Item"), state)
        return Outcome.APPLIED

    def _grant(self, event: Purchase, state: "State") -> Outcome:
        """Write the row of one item or plan.

        If the whole purchase was cancelled later, the row gets that state: access to its end.
        """
        key = grant(event.item, event.purchase)
        check = self._not_cancelled_after(event.user, event.purchase, state)
        put = self._put(event.user, key, state)
        try:
            self._client.transact_write_items(
                TransactItems=[{"ConditionCheck": check}, {"Put": put}]
            )
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: Any = error.response["CancellationReasons"]
            whole, row = reasons
            if whole.get("Code") == _CONDITION_FAILED:
                later = {k: v for k, v in whole["Item"].items() if k not in ("userId", "grant")}
                self._grant(event, later)
                return Outcome.STALE
            if row.get("Code") == _CONDITION_FAILED:
                return _refusal(row.get("Item"), state)
            raise
        return Outcome.APPLIED

    def _not_cancelled_after(
        self, user: str, purchase: str, state: "State"
    ) -> "ConditionCheckTypeDef":
        return {
            "TableName": self._table,
            "Key": {"userId": {"S": user}, "grant": {"S": cancellation(purchase)}},
            "ConditionExpression": "attribute_not_exists(userId) OR lastEventOrder <= :order",
            "ExpressionAttributeValues": {":order": state["lastEventOrder"]},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _put(self, user: str, key: str, state: "State") -> "PutTypeDef":
        return {
            "TableName": self._table,
            "Item": {"userId": {"S": user}, "grant": {"S": key}, **state},
            "ConditionExpression": "attribute_not_exists(userId) OR lastEventOrder < :order",
            "ExpressionAttributeValues": {":order": state["lastEventOrder"]},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def _refusal(row: Any, state: "State") -> Outcome:
    again = row is not None and row["lastEventOrder"] == state["lastEventOrder"]
    return Outcome.DUPLICATE if again else Outcome.STALE


def _state(event: Purchase, now: float) -> "State":
    state: State = {
        "cancelled": {"BOOL": event.cancelled},
        "lastEventOrder": {"S": event.order},
    }
    ends_at = event.ends_at
    if ends_at is not None:
        kept_until = int(max(ends_at / 1000, now)) + RETENTION_SECONDS
        state["validUntil"] = {"N": str(ends_at)}
        state["expiresAt"] = {"N": str(kept_until)}
    return state
