"""Processes every event once: writes its mark and its effects in one transaction.

    outcome = Inbox("inbox", dynamodb).apply(event_id, stream, sequence, effects)

With two separate writes, a crash between them would lose or repeat the effects.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

import enum
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

__all__ = ["Inbox", "Outcome"]

_CONDITION_FAILED = "ConditionalCheckFailed"


class Outcome(enum.Enum):
    """The result of an event."""

    APPLIED = "applied"
    """The effects are written."""
    DUPLICATE = "duplicate"
    """This event was applied before; nothing is written."""
    STALE = "stale"
    """A later event of its stream was applied before; nothing is written."""


class Inbox:
    """The events that a consumer applied: a table with the string key `id` and TTL `expiresAt`.

    `event#<event ID>` expires. `stream#<stream>` has the last sequence number and does not expire,
    so that even the replay of an old archive applies no event twice.
    """

    def __init__(
        self,
        table: str,
        client: "DynamoDBClient",
        retention: timedelta = timedelta(days=14),  # maximum retention of a message in SQS
    ) -> None:
        """Use a table.

        Args:
            table: name of the table.
            client: a DynamoDB client.
            retention: time after which the mark of an event expires.
        """
        self._table = table
        self._client = client
        self._retention = retention

    def apply(
        self,
        event_id: str,
        stream: str,
        sequence: int,
        effects: "Sequence[TransactWriteItemTypeDef]",
    ) -> Outcome:
        """Write the effects and the marks of an event, or nothing.

        Args:
            event_id: ID of the event, the same in every delivery.
            stream: the stream of the sequence numbers, such as `shipment#<order ID>`.
            sequence: number of the event in its stream. It is stale unless it is greater than the
                last applied one.
            effects: 0 to 98 items of `TransactWriteItems`.

        Raises:
            ClientError: the transaction failed for another reason (a conflict, throttling, a
                condition of an effect). Nothing is written, and the event must be retried.
        """
        marks = [self._event(event_id), self._stream(stream, sequence)]
        try:
            self._client.transact_write_items(TransactItems=[*marks, *effects])
        except self._client.exceptions.TransactionCanceledException as error:
            return _refusal(error)
        return Outcome.APPLIED

    def _event(self, event_id: str) -> "TransactWriteItemTypeDef":
        expires = int(time.time() + self._retention.total_seconds())
        return {
            "Put": {
                "TableName": self._table,
                "Item": {"id": {"S": f"event#{event_id}"}, "expiresAt": {"N": str(expires)}},
                "ConditionExpression": "attribute_not_exists(id)",
            }
        }

    def _stream(self, stream: str, sequence: int) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self._table,
                "Key": {"id": {"S": f"stream#{stream}"}},
                "UpdateExpression": "SET lastSequence = :sequence",
                "ConditionExpression": (
                    "attribute_not_exists(lastSequence) OR lastSequence < :sequence"
                ),
                "ExpressionAttributeValues": {":sequence": {"N": str(sequence)}},
            }
        }


def _refusal(error: ClientError) -> Outcome:
    """Return the outcome if a mark failed, otherwise raise. Reasons are in order of the items."""
    reasons = error.response.get("CancellationReasons", [])
    event, stream, *_ = [reason.get("Code") for reason in reasons] or [None, None]
    if event == _CONDITION_FAILED:
        return Outcome.DUPLICATE
    if stream == _CONDITION_FAILED and event == "None":
        return Outcome.STALE
    raise error
