"""Processes every event once: its mark and its effect are written in one transaction.

    outcome = Inbox("inbox", dynamodb).apply(event_id, stream, sequence, effects)

A mark written before or after the effect leaves a gap in which a crash loses or doubles the effect.
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

_REFUSED = "ConditionalCheckFailed"


class Outcome(enum.Enum):
    """What became of an event."""

    APPLIED = "applied"
    """The effects are written."""
    DUPLICATE = "duplicate"
    """This event was applied before; nothing is written."""
    STALE = "stale"
    """Its stream has moved past its sequence number; nothing is written."""


class Inbox:
    """The events a consumer has applied, in a table with the string key `id` and TTL `expiresAt`.

    `event#<event ID>` expires; `stream#<stream>` holds the last sequence number and stays, so that
    even a replay of an old archive applies nothing twice.
    """

    def __init__(
        self,
        table: str,
        client: "DynamoDBClient",
        retention: timedelta = timedelta(days=14),  # the longest a message can wait in SQS
    ) -> None:
        """Make an inbox over a table.

        Args:
            table: name of the table.
            client: a DynamoDB client.
            retention: how long an event's own mark is kept.
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
        """Write the effects with the event's marks, or nothing.

        Args:
            event_id: identity of the event, the same in every delivery.
            stream: what the sequence numbers count, such as `shipment#<order ID>`.
            sequence: the event's place in its stream; one at or below the last applied is stale.
            effects: 0..98 items of `TransactWriteItems`.

        Raises:
            ClientError: the transaction failed for another reason (a conflict, a throttle, a
                condition of an effect): nothing is written, and the event must be tried again.
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
    """Tell a refused mark from a failure; the reasons come in the order of the items."""
    reasons = error.response.get("CancellationReasons", [])
    event, stream, *_ = [reason.get("Code") for reason in reasons] or [None, None]
    if event == _REFUSED:
        return Outcome.DUPLICATE
    if stream == _REFUSED and event == "None":
        return Outcome.STALE
    raise error
