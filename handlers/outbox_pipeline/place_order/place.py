"""Places an order in one transaction, and handles its cancellation reasons."""

import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api import Refusal
from botocore.exceptions import BotoCoreError, ClientError
from outbox import Outbox

from .order import Order, accept, stored
from .request import Request

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import PutTypeDef

PAUSES = (0.05, 0.2)
"""Seconds before each retry of a transaction that was throttled or in conflict with another."""

_BUSY = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionInProgressException",
    }
)


class Busy(Exception):
    """The outcome is unknown or the order cannot be placed now. The caller may retry."""


class Placing:
    """Places orders in one orders table and one outbox."""

    def __init__(
        self,
        orders_table: str,
        outbox: Outbox,
        client: "DynamoDBClient",
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._orders_table = orders_table
        self._outbox = outbox
        self._client = client
        self._pauses = pauses

    def place(self, request: Request) -> tuple[Order, bool]:
        """Commit the order with its events, unless it is committed already.

        Returns:
            The order, and whether this request created it.

        Raises:
            Refusal: 409, the key was used for another order.
            Busy: DynamoDB throttles, reports a conflict or cannot be reached.
        """
        now = datetime.now(UTC)
        order = accept(request, now)
        for number, pause in enumerate((*self._pauses, None)):
            try:
                return self._attempt(order, now, repeated=number > 0)
            except (ClientError, BotoCoreError) as error:
                if not _is_busy(error):
                    raise
                if pause is None:
                    raise Busy from error
                time.sleep(pause * random.uniform(0.5, 1))
        raise AssertionError("the last pause is None")

    def _attempt(self, order: Order, now: datetime, repeated: bool) -> tuple[Order, bool]:
        put: PutTypeDef = {
            "TableName": self._orders_table,
            "Item": order.item(),
            "ConditionExpression": "attribute_not_exists(orderId)",
        }
        try:
            self._outbox.transact([{"Put": put}], order.events(), now=now)
        except self._client.exceptions.TransactionCanceledException as error:
            if error.response["CancellationReasons"][0].get("Code") != "ConditionalCheckFailed":
                raise
            earlier = self._earlier(order, error)
            # Even the times are equal if an attempt of this call succeeded without a response. Two
            # requests of the same millisecond have equal times too.
            return earlier, repeated and earlier == order
        return order, True

    def _earlier(self, order: Order, error: ClientError) -> Order:
        """Read the order that the key was used for."""
        answer = self._client.get_item(
            TableName=self._orders_table,
            Key={"orderId": {"S": order.order_id}},
            ConsistentRead=True,
        )
        if "Item" not in answer:
            # It was deleted in between.
            raise Busy from error
        earlier = stored(answer["Item"])
        if earlier.digest != order.digest:
            raise Refusal(409, "Idempotency-Key", "was used for another order")
        return earlier


def _is_busy(error: ClientError | BotoCoreError) -> bool:
    """Tell whether an error is temporary, so that the caller should retry."""
    if isinstance(error, BotoCoreError):
        return True
    if error.response["Error"]["Code"] == "TransactionCanceledException":
        reasons = error.response.get("CancellationReasons", [])
        return any(reason.get("Code") in _BUSY for reason in reasons)
    return error.response["Error"]["Code"] in _BUSY
