"""Marks processed rows: this removes them from the `pending` index, and sent rows expire.

A failed mark is only logged: the sweeper sends the row again, and consumers detect the duplicate.
"""

import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from .rows import Key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, BatchStatementRequestTypeDef

logger = logging.getLogger(__name__)

_STATEMENTS = 25
"""Maximum number of statements in one BatchExecuteStatement."""


class Marks:
    """Marks rows with PartiQL: 25 rows per call, and UPDATE never recreates a deleted row.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.update.html
    """

    def __init__(self, table: str, retention_days: int, client: "DynamoDBClient") -> None:
        """Prepare the statements for a table."""
        self._client = client
        self._retention = retention_days * 86_400
        where = 'REMOVE "pending" WHERE "aggregateId"=? AND "sequence"=?'
        self._sent = f'UPDATE "{table}" SET "sentAt"=? SET "expiresAt"=? {where}'
        self._parked = f'UPDATE "{table}" SET "parkedAt"=? {where}'

    def sent(self, keys: Iterable[Key]) -> None:
        """Mark rows that the bus accepted. They expire after the retention period."""
        expires = str(int(time.time()) + self._retention)
        self._execute(self._sent, [{"S": _now()}, {"N": expires}], keys)

    def parked(self, keys: Iterable[Key]) -> None:
        """Mark rows that are stored in the failures bucket. They do not expire."""
        self._execute(self._parked, [{"S": _now()}], keys)

    def _execute(
        self, statement: str, values: "list[AttributeValueTypeDef]", keys: Iterable[Key]
    ) -> None:
        # A batch must not contain an item twice, but a recovered payload may.
        statements: list[BatchStatementRequestTypeDef] = [
            {"Statement": statement, "Parameters": [*values, {"S": aggregate}, {"N": sequence}]}
            for aggregate, sequence in dict.fromkeys(keys)
        ]
        remaining = iter(statements)
        while batch := list(islice(remaining, _STATEMENTS)):
            try:
                response = self._client.batch_execute_statement(Statements=batch)
            except (ClientError, BotoCoreError) as error:
                logger.warning(
                    "rows not marked", extra={"count": len(batch), "error": type(error).__name__}
                )
                continue
            codes = [answer.get("Error", {}).get("Code") for answer in response["Responses"]]
            if unmarked := [code for code in codes if code not in (None, "ConditionalCheckFailed")]:
                logger.warning(
                    "rows not marked", extra={"count": len(unmarked), "error": unmarked[0]}
                )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
