"""Relay: publishes the rows of the outbox table's stream to the event bus."""

import logging
from functools import cache
from typing import Any

import environment
from aws_clients import Clients

from .._shared.publisher import Publisher, PublisherSettings

logger = logging.getLogger(__name__)

_RESERVE_MS = 3_000
"""Time reserved for the last call and the marks."""


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Publish a batch of new rows.

    Args:
        event: `{"Records": [...]}` of a DynamoDB stream; `eventName` and `dynamodb` (`NewImage`,
            `SequenceNumber`) of each record are read.
            https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
        context: the Lambda context object; publishing stops shortly before the timeout.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <sequence number>}, ...]}`; Lambda retries from
        the lowest.
        https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    return relay(event, context, publisher())


@cache
def publisher() -> Publisher:
    """Return the publisher, created once for each execution environment."""
    return Publisher(environment.read(PublisherSettings), Clients())


def relay(
    event: dict[str, Any],
    context: Any,
    publisher: Publisher,
) -> dict[str, list[dict[str, str]]]:
    """Publish inserted rows; marks (MODIFY) and expired rows (REMOVE) are ignored."""
    records = [record for record in event["Records"] if record.get("eventName") == "INSERT"]
    report = publisher.publish(
        records, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS
    )
    logger.info(
        "batch relayed",
        extra={"sent": report.sent, "parked": report.parked, "failed": len(report.failed)},
    )
    return {"batchItemFailures": [{"itemIdentifier": _id(records[i])} for i in report.failed]}


def _id(record: dict[str, Any]) -> str:
    """Return the sequence number of a record. Lambda retries the whole batch if it is empty."""
    return str((record.get("dynamodb") or {}).get("SequenceNumber", ""))
