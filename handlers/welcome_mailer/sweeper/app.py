"""Sweeper: retries mails that SES has not reported as sent."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import environment
from aws_clients import Clients
from subscribers import ACTIVE, key

from .._shared.welcome import Senders, SendingClients, WelcomeSettings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)

_RESERVE_MS = 10_000
"""Time reserved for sending the current mail."""

_LATE_ATTEMPTS = 7
"""Attempts after which a mail is more than an hour late."""


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
    clients: SendingClients,
    clock: Callable[[], float] = time.time,
) -> "Sweeper":
    """Return the function with these settings and clients."""
    senders = Senders.make(settings, clients, clock)
    return Sweeper(settings.blog_table, clients.dynamodb, senders)


class Sweeper:
    """Callable that does one run."""

    def __init__(self, table: str, client: "DynamoDBClient", senders: Senders) -> None:
        self._table = table
        self._client = client
        self._confirming, self._welcoming = senders.confirming, senders.welcoming

    def __call__(self, more_time: Callable[[], bool] = lambda: True) -> dict[str, int]:
        """Retry the mails that are due, as long as `more_time` returns True.

        Confirmation mails come first: a reader waits for them, and their links expire.
        """
        outcomes: Counter[str] = Counter()
        for send, marker in self._due():
            if not more_time():
                break
            try:
                outcomes[send(marker)] += 1
            except Exception as error:  # the result is unknown: it is retried, the others continue
                logger.exception("result unknown", extra={"error": type(error).__name__})
                outcomes["unknown"] += 1
            if int(marker["attempts"]["N"]) >= _LATE_ATTEMPTS:
                logger.warning("mail late", extra={"id": marker["pk"]["S"]})
        logger.info("swept", extra=dict(outcomes))
        return dict(outcomes)

    def _due(self) -> Iterator[tuple[Callable[[dict[str, Any]], str], dict[str, Any]]]:
        for marker in self._confirming.markers.due():
            yield self._confirming.again, marker
        for marker in self._welcoming.markers.due():
            yield self._welcome, marker

    def _welcome(self, marker: dict[str, Any]) -> str:
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
        return self._welcoming.send(claim, subscriber["email"]["S"], subscriber["language"]["S"])
