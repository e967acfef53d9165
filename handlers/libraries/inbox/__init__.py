"""Processes every event once: writes its mark and its effects in one transaction.

    outcome = Inbox("inbox", dynamodb).apply(event_id, stream, sequence, effects)

With two separate writes, a crash between them would lose or repeat the effects.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html

EventBridge and standard queues keep no order, and an event that failed comes back long after the
next one. The consumer chooses what an event means that arrives late:

| Ordering | Meaning of events | What happens to a late one |
|---|---|---|
| `each` | each one counts: an item was added, a payment was refunded | it is applied |
| `latest` | each one has the whole state, which replaces the one before | it is superseded |
| `in_order` | each one needs those before it | later ones wait for it |
"""

import enum
import logging
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from partial_batch import BadRecord

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

__all__ = ["Inbox", "OutOfOrder", "Outcome"]

logger = logging.getLogger(__name__)

EACH, LATEST, IN_ORDER = "each", "latest", "in_order"

_CONDITION_FAILED, _CONFLICT = "ConditionalCheckFailed", "TransactionConflict"
_RETENTION = timedelta(days=14)  # maximum retention of a message in SQS
_TRIES = 4
_BACKOFF_SECONDS = 0.05


class Outcome(enum.Enum):
    """The result of an event."""

    APPLIED = "applied"
    """The effects are written."""
    DUPLICATE = "duplicate"
    """This event was applied before; nothing is written."""
    SUPERSEDED = "superseded"
    """A later event of its stream was applied before; nothing is written. Only with `latest`."""


class OutOfOrder(BadRecord):
    """An event came before its predecessor, so it must be retried later. Only with `in_order`."""


class Inbox:
    """The events that a consumer applied: a table with the string key `id` and TTL `expiresAt`.

    Even the replay of an old archive applies no event twice: with `each`, the marks of events,
    `event#<event ID>`, stay. With the other orderings they expire, and `stream#<stream>` stays,
    which has the last sequence number.
    """

    def __init__(self, table: str, client: "DynamoDBClient", ordering: str = EACH) -> None:
        """Use a table.

        Args:
            table: name of the table.
            client: a DynamoDB client.
            ordering: `each`, `latest` or `in_order`, the same for the life of the table.

        Raises:
            ValueError: the ordering is unknown.
        """
        if ordering not in (EACH, LATEST, IN_ORDER):
            raise ValueError(f"unknown ordering '{ordering}'")
        self._table = table
        self._client = client
        self._ordering = ordering

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
            stream: the stream of the sequence numbers, such as `shipment#<order ID>`. Not used with
                `each`.
            sequence: number of the event in its stream: 1, 2, ... Not used with `each`.
            effects: 0 to 98 items of `TransactWriteItems`.

        Raises:
            OutOfOrder: an event before it is missing. Nothing is written, and the event must be
                retried.
            ClientError: the transaction failed for another reason (repeated conflicts, throttling,
                a condition of an effect). Nothing is written, and the event must be retried.
        """
        items = [*self._marks(event_id, stream, sequence), *effects]
        for tries_left in reversed(range(_TRIES)):
            try:
                self._client.transact_write_items(TransactItems=items)
            except self._client.exceptions.TransactionCanceledException as error:
                # A conflict is over in milliseconds. Waiting for the visibility timeout of the
                # queue would let later events pass.
                if not tries_left or not _is_conflict(error):
                    return self._refusal(error, event_id, sequence)
                time.sleep(random.uniform(1, 2) * _BACKOFF_SECONDS * (_TRIES - tries_left))
            else:
                break
        return Outcome.APPLIED

    def _marks(self, event_id: str, stream: str, sequence: int) -> "list[TransactWriteItemTypeDef]":
        if self._ordering == EACH:
            return [self._event(event_id, {})]
        expires = {"expiresAt": {"N": str(int(time.time() + _RETENTION.total_seconds()))}}
        return [self._event(event_id, expires), self._stream(stream, sequence)]

    def _event(self, event_id: str, more: dict[str, Any]) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self._table,
                "Item": {"id": {"S": f"event#{event_id}"}, **more},
                "ConditionExpression": "attribute_not_exists(id)",
            }
        }

    def _stream(self, stream: str, sequence: int) -> "TransactWriteItemTypeDef":
        values = {":sequence": {"N": str(sequence)}}
        condition = "attribute_not_exists(lastSequence) OR lastSequence < :sequence"
        if self._ordering == IN_ORDER and sequence == 1:
            condition = "attribute_not_exists(lastSequence)"
        elif self._ordering == IN_ORDER:
            condition = "lastSequence = :before"
            values[":before"] = {"N": str(sequence - 1)}
        return {
            "Update": {
                "TableName": self._table,
                "Key": {"id": {"S": f"stream#{stream}"}},
                "UpdateExpression": "SET lastSequence = :sequence",
                "ConditionExpression": condition,
                "ExpressionAttributeValues": values,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _refusal(self, error: ClientError, event_id: str, sequence: int) -> Outcome:
        """Return the outcome if a mark failed, otherwise raise."""
        reasons = error.response.get("CancellationReasons", [])  # in the order of the items
        event, stream, *_ = [*(reason.get("Code") for reason in reasons), None, None]
        if event == _CONDITION_FAILED:
            return Outcome.DUPLICATE
        if self._ordering == EACH or stream != _CONDITION_FAILED or event != "None":
            raise error
        if self._ordering == LATEST:
            logger.warning("event superseded", extra={"event": event_id, "sequence": sequence})
            return Outcome.SUPERSEDED
        last = int(reasons[1].get("Item", {}).get("lastSequence", {"N": "0"})["N"])
        if sequence <= last:
            return Outcome.DUPLICATE
        raise OutOfOrder(f"event {sequence} of its stream waits for event {last + 1}") from None


def _is_conflict(error: ClientError) -> bool:
    """Return whether nothing but other transactions on the same items stopped this one."""
    reasons = error.response.get("CancellationReasons", [])
    return {reason.get("Code") for reason in reasons} - {"None"} == {_CONFLICT}
