"""Writes state and events in one transaction."""

import uuid
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

_NAMESPACE = uuid.UUID("b6c1a2d9-6a0e-5d6b-9d1c-0f6f7a3e2b55")


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
        token: str,
        now: datetime | None = None,
    ) -> None:
        """Write the items and one row for each event, all or nothing.

        Args:
            items: items of `TransactWriteItems`, at most 100 including the events.
            events: one or more events.
            token: ID of the request. Within 10 minutes the same call with the same token has effect
                only once (`ClientRequestToken`, separate for each table and source).
                https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
            now: time at which the events occurred. Default: the current time.

        Raises:
            UnknownSchema, InvalidEvent, TransactionTooLarge: nothing was sent to DynamoDB.
            ClientError: DynamoDB rejected the transaction. `CancellationReasons` are in the order
                of `items`, then of `events`.
        """
        moment = now or datetime.now(UTC)
        rows = [self._put(event, moment) for event in events]
        transaction = [*items, *rows]
        check_transaction(transaction)
        self._client.transact_write_items(
            TransactItems=transaction, ClientRequestToken=self._request_token(token)
        )

    def _request_token(self, token: str) -> str:
        """Return a token for this table and source, as all tables of an account share tokens."""
        return str(uuid.uuid5(_NAMESPACE, f"{self._table}/{self._source}/{token}"))

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
