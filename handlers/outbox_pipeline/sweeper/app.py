"""Sweeper: resends rows that the relay did not mark, and measures the age of the oldest one."""

from functools import cache
from typing import Any

import environment
from aws_clients import Clients
from partial_batch import more_time

from .settings import Settings
from .sweep import Sweep


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Resend overdue rows.

    Args:
        event: a scheduled event of EventBridge, not used.
            https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
        context: the Lambda context object; the run stops shortly before the timeout.

    Returns:
        `{"oldestUnsentSeconds", "resent", "parked", "failed"}`. The first two are also metrics.
    """
    return sweep()(more_time(context))


@cache
def sweep() -> Sweep:
    """Return the sweep, created once for each execution environment."""
    return Sweep(environment.read(Settings), Clients())
