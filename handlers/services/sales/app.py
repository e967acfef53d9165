"""Counts in the catalogue what was sold."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from aws_clients import Clients, UsesDynamoDB
from inbox import Inbox
from partial_batch import BadRecord, more_time, process

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    products_table: str
    inbox_table: str


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Count the bookings of a batch, each once.

    Args:
        event: an event of SQS. The body of each record is the message of the ledger's topic,
            `{"bookingId": "0d8f...", "productId": "tea", "quantity": 2, "totalCents": 900}`.
            https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        context: the Lambda context object.

    Returns:
        The messages that failed: `{"batchItemFailures": [{"itemIdentifier": ...}, ...]}`.
    """
    return process(event["Records"], sales().count, more_time=more_time(context))


@cache
def sales() -> "Sales":
    """Return the function, created once for each execution environment."""
    return Sales(environment.read(Settings), Clients())


class Sales:
    """Counts bookings in one products table."""

    def __init__(self, settings: Settings, clients: UsesDynamoDB) -> None:
        self._table, self._dynamodb = settings.products_table, clients.dynamodb
        self._inbox = Inbox(settings.inbox_table, clients.dynamodb)

    def count(self, record: dict[str, Any]) -> None:
        """Add the quantity of a booking to its product, unless the product was deleted."""
        booking_id, product_id, quantity = _booking(record)
        key = {"productId": {"S": product_id}}
        # A product is never created by its sales. It can only be deleted in between.
        if "Item" not in self._dynamodb.get_item(TableName=self._table, Key=key):
            self._inbox.apply(booking_id, "", 0, [])
            return
        self._inbox.apply(
            booking_id,
            "",
            0,
            [
                {
                    "Update": {
                        "TableName": self._table,
                        "Key": key,
                        "UpdateExpression": "ADD sold :quantity",
                        "ConditionExpression": "attribute_exists(productId)",
                        "ExpressionAttributeValues": {":quantity": {"N": str(quantity)}},
                    }
                }
            ],
        )


def _booking(record: dict[str, Any]) -> tuple[str, str, int]:
    try:
        message = json.loads(record["body"])
        booking_id, product_id = message["bookingId"], message["productId"]
        quantity = message["quantity"]
    except (KeyError, TypeError, ValueError):
        raise BadRecord("the message is no booking") from None
    is_booking = (
        isinstance(booking_id, str)
        and _UUID.fullmatch(booking_id)
        and isinstance(product_id, str)
        and 0 < len(product_id) <= 64
        and type(quantity) is int
        and quantity > 0
    )
    if not is_booking:
        raise BadRecord("the message is no booking")
    return booking_id, product_id, quantity
