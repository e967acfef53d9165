"""Sweeper: retries welcome mails that SES has not reported as sent."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from aws_clients import Clients
from subscribers import ACTIVE, key

from .._shared.welcome import Mail, Markers, Suppressions, WelcomeSettings, Welcoming

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sesv2 import SESV2Client

logger = logging.getLogger(__name__)

_RESERVE_MS = 10_000
"""Time reserved for sending the current mail."""

_LATE_ATTEMPTS = 7
"""Attempts after which a mail is more than an hour late."""


class SweeperClients(Protocol):
    """The AWS clients that the function uses."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def ses_once(self) -> "SESV2Client": ...


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Retry the mails that are due.

    Args:
        event: the event of the schedule, not used.
        context: the Lambda context object; the run stops shortly before the timeout.

    Returns:
        Number of markers by outcome: `{"sent": 1, "skipped": 2, ...}`.
    """
    return sweeper()(lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)


@cache
def sweeper() -> "Sweeper":
    """Return the function, created once for each execution environment."""
    return make(environment.read(WelcomeSettings), Clients())


def make(
    settings: WelcomeSettings,
    clients: SweeperClients,
    clock: Callable[[], float] = time.time,
) -> "Sweeper":
    """Return the function with these settings and clients."""
    table, retry_after = settings.blog_table, settings.retry_after_seconds
    markers = Markers(table, clients.dynamodb, retry_after, clock)
    suppressions = Suppressions(table, clients.dynamodb, clock)
    welcoming = Welcoming(markers, Mail(settings, clients.ses_once), suppressions)
    return Sweeper(table, clients.dynamodb, welcoming)


class Sweeper:
    """Callable that does one run."""

    def __init__(self, table: str, client: "DynamoDBClient", welcoming: Welcoming) -> None:
        self._table = table
        self._client = client
        self._welcoming = welcoming

    def __call__(self, more_time: Callable[[], bool] = lambda: True) -> dict[str, int]:
        """Retry the mails that are due, as long as `more_time` returns True."""
        outcomes: Counter[str] = Counter()
        for marker in self._welcoming.markers.due():
            if not more_time():
                break
            try:
                outcomes[self._one(marker)] += 1
            except Exception as error:  # the result is unknown: it is retried, the others continue
                logger.exception("result unknown", extra={"error": type(error).__name__})
                outcomes["unknown"] += 1
        logger.info("swept", extra=dict(outcomes))
        return dict(outcomes)

    def _one(self, marker: dict[str, Any]) -> str:
        subscriber_id = marker["pk"]["S"].partition("#")[2]
        found = self._client.get_item(
            TableName=self._table, Key=key(subscriber_id), ConsistentRead=True
        )
        subscriber = found.get("Item")
        if subscriber is None or subscriber["status"]["S"] != ACTIVE:
            self._welcoming.markers.close(subscriber_id, "skipped")
            return "skipped"
        if self._welcoming.markers.is_overdue(marker):
            return self._welcoming.give_up(subscriber_id, "Overdue")
        claim = self._welcoming.markers.again(marker)
        if claim is None:
            return "moved on"
        if claim.attempts > _LATE_ATTEMPTS:
            extra = {"subscriber": subscriber_id, "attempts": claim.attempts}
            logger.warning("welcome late", extra=extra)
        return self._welcoming.send(claim, subscriber["email"]["S"], subscriber["language"]["S"])
