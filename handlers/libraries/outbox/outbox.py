"""The transaction."""

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
    """An outbox table and the schemas of the one service that writes to it."""

    def __init__(self, table: str, source: str, schemas: Path, client: "DynamoDBClient") -> None:
        """Make an outbox; nothing is read or called yet.

        Args:
            table: name of the outbox table.
            source: the `source` of the service's events on the bus.
            schemas: folder of `<Type>.v<N>.json`, JSON Schema draft-04.
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
        """Write the caller's items and one row for each event, all or nothing.

        Args:
            items: items of `TransactWriteItems`; with the events at most 100.
            events: one or more.
            token: any text that names the request: within 10 minutes the same call with the same
                token is done once (`ClientRequestToken`, apart for each table and source).
                https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
            now: when the events occurred; the present by default.

        Raises:
            UnknownSchema, InvalidEvent, TransactionTooLarge: nothing was sent to DynamoDB.
            ClientError: DynamoDB refused the transaction; `CancellationReasons` are in the order of
                `items`, then of `events`.
        """
        moment = now or datetime.now(UTC)
        rows = [self._put(event, moment) for event in events]
        transaction = [*items, *rows]
        check_transaction(transaction)
        self._client.transact_write_items(
            TransactItems=transaction, ClientRequestToken=self._request_token(token)
        )

    def _request_token(self, token: str) -> str:
        """DynamoDB's token is shared by an account's tables, two services may choose the same."""
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
