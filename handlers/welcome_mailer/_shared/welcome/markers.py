"""Stores the state of each subscriber's welcome mail. Only the home Region writes markers."""

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from subscribers import marker_key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

DUE_INDEX = "welcomes-due"
"""Index of the open markers: `pending`, `dueAt`."""

_PAGE = 50


@dataclass(frozen=True)
class Claim:
    """The right to send the mail of one subscriber, until `dueAt` of the marker."""

    subscriber_id: str
    token: str
    """Token in the unsubscribe link, the same for every attempt."""
    attempt: str
    """ID of this attempt."""
    attempts: int
    """Number of attempts, including this one."""


class Markers:
    """The markers of one table.

    Args:
        table: name of the table.
        client: a DynamoDB client.
        retry_after: seconds until an attempt with an unknown result may be retried.
        clock: returns the time in Unix seconds.
    """

    def __init__(
        self,
        table: str,
        client: "DynamoDBClient",
        retry_after: int,
        clock: Callable[[], float],
    ) -> None:
        self._table = table
        self._client = client
        self._retry_after = retry_after
        self._clock = clock

    def first(self, subscriber_id: str) -> Claim | None:
        """Claim the first attempt; None if it was claimed before."""
        claim = Claim(subscriber_id, secrets.token_urlsafe(24), str(uuid.uuid4()), 1)
        item = {
            **marker_key(subscriber_id),
            "token": {"S": claim.token},
            "attempt": {"S": claim.attempt},
            "attempts": {"N": "1"},
            "pending": {"S": "welcome"},
            "dueAt": self._due(),
        }
        try:
            self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return claim

    def due(self) -> Iterator[dict[str, Any]]:
        """Yield the open markers that are due: SES reported nothing in time. Oldest first."""
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "pending = :pending AND dueAt <= :now",
            "ExpressionAttributeValues": {
                ":pending": {"S": "welcome"},
                ":now": {"N": str(int(self._clock()))},
            },
            "Limit": _PAGE,
        }
        while True:
            page = self._client.query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def again(self, marker: dict[str, Any]) -> Claim | None:
        """Claim another attempt; None if the marker changed since it was read."""
        attempt = str(uuid.uuid4())
        changed = self._update(
            _subscriber(marker),
            "SET attempt = :attempt, dueAt = :due ADD attempts :one",
            "attribute_exists(pending) AND attempt = :seen AND dueAt = :seenDue",
            {
                ":attempt": {"S": attempt},
                ":due": self._due(),
                ":one": {"N": "1"},
                ":seen": marker["attempt"],
                ":seenDue": marker["dueAt"],
            },
        )
        if not changed:
            return None
        attempts = int(marker["attempts"]["N"]) + 1
        return Claim(_subscriber(marker), marker["token"]["S"], attempt, attempts)

    def unsent(self, claim: Claim) -> None:
        """Record that SES rejected the attempt, which can be retried at once."""
        self._update(
            claim.subscriber_id,
            "SET dueAt = :now",
            "attribute_exists(pending) AND attempt = :attempt",
            {":now": {"N": str(int(self._clock()))}, ":attempt": {"S": claim.attempt}},
        )

    def close(self, subscriber_id: str, outcome: str, message_id: str = "") -> bool:
        """Close a marker permanently.

        Args:
            subscriber_id: ID of the subscriber.
            outcome: `sent`, `failed` or `skipped`.
            message_id: message ID of SES.

        Returns:
            Whether the marker was open.
        """
        return self._update(
            subscriber_id,
            "SET outcome = :outcome, messageId = :message, closedAt = :now REMOVE pending, dueAt",
            "attribute_exists(pending)",
            {
                ":outcome": {"S": outcome},
                ":message": {"S": message_id},
                ":now": {"N": str(int(self._clock()))},
            },
        )

    def _update(
        self, subscriber_id: str, update: str, condition: str, values: dict[str, Any]
    ) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=marker_key(subscriber_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _due(self) -> Any:
        return {"N": str(int(self._clock()) + self._retry_after)}


def _subscriber(marker: dict[str, Any]) -> str:
    return str(marker["pk"]["S"]).partition("#")[2]
