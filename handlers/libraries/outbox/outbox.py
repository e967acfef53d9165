"""Writes state and events in one transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .event import Event, row
from .limits import check_row, check_transaction
from .schemas import Schemas

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class Outbox:
    """An outbox table with the schemas of the service that writes to it."""

    def __init__(self, table: str, source: str, schemas: Path, client: "DynamoDBClient") -> None:
        """Use a table. Schemas are read on first use.

        Args:
            table: name of the outbox table.
            source: `source` of the events on the bus.
            schemas: folder with files `<Type>.v<N>.json`, JSON Schema draft-04.
            client: a DynamoDB client.
        """
        self._table = table
        self._source = source
        self._schemas = Schemas(schemas)
        self._client = client

    def transact(
        self,
        items: "Sequence[TransactWriteItemTypeDef]",
        events: Sequence[Event],
        now: datetime | None = None,
    ) -> None:
        """Write the items and one row for each event, all or nothing.

        A repeated call writes nothing: the condition of each row refuses it while the row exists.
        Rows expire some time after they were sent, so give one of the `items` a condition as well.
        A token of the request would not do as `ClientRequestToken`: DynamoDB refuses it as soon as
        one value of the call differs, such as a time, and forgets it after 10 minutes. The SDK sets
        a token of its own for its retries.
        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

        Args:
            items: items of `TransactWriteItems`, at most 100 including the events.
            events: one or more events.
            now: time at which the events occurred. Default: the current time.

        Raises:
            UnknownSchema, InvalidEvent, TransactionTooLarge: nothing was sent to DynamoDB.
            ClientError: DynamoDB rejected the transaction, for example because a condition failed
                (`TransactionCanceledException`). `CancellationReasons` are in the order
                of `items`, then of `events`.
        """
        moment = now or datetime.now(UTC)
        rows = [self._put(event, moment) for event in events]
        transaction = [*items, *rows]
        check_transaction(transaction)
        self._client.transact_write_items(TransactItems=transaction)

    def _put(self, event: Event, now: datetime) -> "TransactWriteItemTypeDef":
        self._schemas.validate(event)
        item = row(event, self._source, now)
        check_row(event, item)
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(aggregateId)",
            }
        }
