"""The addresses that get no more mails, after a bounce or a complaint."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from subscribers import SUPPRESSED, key, suppression_key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)


class Suppressions:
    """The suppressions of one table, which only the home Region writes.

    The status of a subscriber is written in any Region. In an eventually consistent global table
    the last writer of an item wins, so that a confirmation of another Region can undo the status.
    The item of the suppression stays. No mail is sent while it exists.

    Args:
        table: name of the table.
        client: a DynamoDB client.
        clock: returns the time in Unix seconds.
    """

    def __init__(
        self, table: str, client: "DynamoDBClient", clock: Callable[[], float] = time.time
    ) -> None:
        self._table = table
        self._client = client
        self._clock = clock

    def add(self, subscriber_id: str, reason: str) -> None:
        """Suppress an address, subscribed or not.

        Args:
            subscriber_id: ID of the subscriber.
            reason: `bounce` or `complaint`. The first one remains.
        """
        self._client.update_item(
            TableName=self._table,
            Key=suppression_key(subscriber_id),
            UpdateExpression=(
                "SET reason = if_not_exists(reason, :reason), "
                "suppressedAt = if_not_exists(suppressedAt, :now)"
            ),
            ExpressionAttributeValues={
                ":reason": {"S": reason},
                ":now": {"N": str(int(self._clock()))},
            },
        )
        self._mark(subscriber_id, reason)

    def covers(self, subscriber_id: str) -> bool:
        """Return whether an address is suppressed. If so, its subscriber says so from then on."""
        found = self._client.get_item(
            TableName=self._table, Key=suppression_key(subscriber_id), ConsistentRead=True
        )
        if "Item" not in found:
            return False
        self._mark(subscriber_id, found["Item"]["reason"]["S"])
        return True

    def _mark(self, subscriber_id: str, reason: str) -> None:
        """Set the status of the subscriber, if there is one that has another."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key(subscriber_id),
                UpdateExpression="SET #status = :suppressed, suppressedBy = :reason",
                ConditionExpression="attribute_exists(pk) AND NOT #status = :suppressed",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":suppressed": {"S": SUPPRESSED},
                    ":reason": {"S": reason},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
        logger.warning("suppressed", extra={"subscriber": subscriber_id, "code": reason})
