"""Starts the shipment of an order once for each OrderCreated event."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from aws_clients import Clients
from inbox import Inbox
from partial_batch import more_time, process

from .message import read_event
from .shipment import start

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    shipments_table: str
    inbox_table: str
    inbox_ordering: str
    claims_bucket: str


class ShipClients(Protocol):
    """The AWS clients that the function uses; S3 only for claim checks."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def s3(self) -> "S3Client": ...


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Start the shipments of a batch of events.

    Args:
        event: `{"Records": [...]}` of SQS; each `body` is an EventBridge event with an
            OrderCreated event or its claim check as `detail`.
            https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        context: the Lambda context object; messages for which there is no time are retried.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <message ID>}, ...]}`: messages to retry, which
        move to the dead-letter queue after the last attempt.
    """
    return ship_order()(event, more_time(context))


@cache
def ship_order() -> "ShipOrder":
    """Return the consumer, created once for each execution environment."""
    return ShipOrder(environment.read(Settings), Clients())


class ShipOrder:
    """Callable that handles a batch."""

    def __init__(self, settings: Settings, clients: ShipClients) -> None:
        self._settings = settings
        self._clients = clients

    def __call__(
        self, event: dict[str, Any], more_time: Callable[[], bool] = lambda: True
    ) -> dict[str, list[dict[str, str]]]:
        """Handle each message; duplicates count as processed."""
        settings = self._settings
        inbox = Inbox(settings.inbox_table, self._clients.dynamodb, settings.inbox_ordering)
        outcomes: Counter[str] = Counter()
        response = process(event["Records"], self._each(inbox, outcomes), more_time=more_time)
        logger.info(
            "batch handled", extra={**outcomes, "failed": len(response["batchItemFailures"])}
        )
        return response

    def _each(self, inbox: Inbox, outcomes: "Counter[str]") -> Callable[[dict[str, Any]], None]:
        def ship(record: dict[str, Any]) -> None:
            event = read_event(record["body"], self._settings.claims_bucket, self._get)
            outcome = inbox.apply(
                event.event_id,
                f"shipment#{event.aggregate_id}",
                event.sequence,
                [start(event, self._settings.shipments_table)],
            )
            outcomes[outcome.value] += 1

        return ship

    def _get(self, key: str) -> bytes:
        """Read a stored detail from the claims bucket."""
        claims = self._settings.claims_bucket
        return self._clients.s3.get_object(Bucket=claims, Key=key)["Body"].read()
