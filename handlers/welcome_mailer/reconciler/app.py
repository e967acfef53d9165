"""Reconciler: finds new subscribers whose record the stream has lost."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import environment
from aws_clients import Clients, UsesDynamoDB
from subscribers import ACTIVE, WELCOME

from .._shared.welcome import Markers

logger = logging.getLogger(__name__)

_MIN_AGE = 60 * 60
"""Seconds for which a new subscriber is left to the stream."""
_MAX_AGE = 7 * 24 * 60 * 60
"""Seconds after which a subscriber is no longer new. Who subscribed before the mailer existed, or
came with an imported table, gets no welcome mail. Runs that failed for days lose nobody."""
_RESERVE_MS = 10_000
"""Time reserved for the end of a run."""


class Unfinished(Exception):
    """The table is too large for one run. Lambda retries it, and the alarm on errors rings."""


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    blog_table: str


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Open the welcome mails that nobody has claimed.

    Args:
        event: the event of the schedule, not used.
        context: the Lambda context object; the run stops shortly before the timeout.

    Returns:
        `{"opened": <number of mails>}`, which the sweeper sends.

    Raises:
        Unfinished: the time was too short to read the whole table.
    """
    return reconciler()(lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)


@cache
def reconciler() -> "Reconciler":
    """Return the function, created once for each execution environment."""
    return Reconciler(environment.read(Settings), Clients())


class Reconciler:
    """Callable that does one run."""

    def __init__(
        self,
        settings: Settings,
        clients: UsesDynamoDB,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = settings.blog_table
        self._client = clients.dynamodb
        self._markers = Markers(settings.blog_table, clients.dynamodb, 0, clock)
        self._clock = clock

    def __call__(self, more_time: Callable[[], bool] = lambda: True) -> dict[str, int]:
        """Open the welcome mails of new subscribers without a marker.

        Raises:
            Unfinished: `more_time` returned False.
        """
        opened = 0
        for subscriber_id in self._without_marker(more_time):
            # The marker may be of a moment ago, or on another page than the subscriber.
            if self._markers.missed(subscriber_id):
                logger.warning("welcome was missed", extra={"subscriber": subscriber_id})
                opened += 1
        logger.info("reconciled", extra={"opened": opened})
        return {"opened": opened}

    def _without_marker(self, more_time: Callable[[], bool]) -> Iterator[str]:
        """Yield the IDs of new subscribers. Items of one partition follow each other in a scan."""
        for partition, items in groupby(self._items(more_time), lambda item: item["pk"]["S"]):
            kinds = {item["sk"]["S"] for item in items}
            if WELCOME not in kinds:
                yield partition.partition("#")[2]

    def _items(self, more_time: Callable[[], bool]) -> Iterator[dict[str, Any]]:
        now = int(self._clock())
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            ProjectionExpression="pk, sk",
            FilterExpression=(
                "(sk = :subscriber AND #status = :active AND subscribedAt BETWEEN :from AND :to) "
                "OR sk = :welcome"
            ),
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":subscriber": {"S": "subscriber"},
                ":active": {"S": ACTIVE},
                ":from": {"N": str(now - _MAX_AGE)},
                ":to": {"N": str(now - _MIN_AGE)},
                ":welcome": {"S": WELCOME},
            },
        )
        for page in pages:
            yield from page["Items"]
            if "LastEvaluatedKey" in page and not more_time():
                raise Unfinished("the table is too large to be read in one run")
