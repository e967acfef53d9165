"""Sweeper: sends rows again that the relay did not mark, and measures the age of the oldest one."""

from collections.abc import Callable
from functools import cache
from typing import Any

import environment
from aws_clients import Clients

from .settings import Settings
from .sweep import Sweep

_RESERVE_MS = 3_000
"""Time kept back for the last call, the marks and the metrics."""


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Sweep once.

    Args:
        event: a scheduled event; nothing in it is used.
            https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
        context: Lambda's context object; a run ends before its time does.

    Returns:
        `{"oldestUnsentSeconds", "resent", "parked", "failed"}`, which are also printed as metrics.
    """
    return sweep()(more_time(context))


@cache
def sweep() -> Sweep:
    """Return the sweep of this execution environment."""
    return Sweep(environment.read(Settings), Clients())


def more_time(context: Any) -> Callable[[], bool]:
    """Tell whether another call still fits into the run."""
    return lambda: context.get_remaining_time_in_millis() > _RESERVE_MS
