"""Rolls a version of a launch template out to the instances of an Auto Scaling group."""

import logging
from functools import cache
from typing import Any

from aws_clients import Clients

from .rollout import Rollout, Wanted

logger = logging.getLogger(__name__)

_MARGIN_MS = 60_000
"""Time that is left when a refresh is given up: enough to start its rollback."""


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Start an instance refresh and wait for its end.

    A repeated invocation waits for the refresh of the first one. Nothing happens if the group has
    the version already, as a new group does.

    Args:
        event: `{"group": name, "template": ID, "version": "2", "alarms": [names],
            "bake_seconds": 120}`. The alarms roll the version back; those that ring already are
            left out, as a version that repairs the service could not be rolled out otherwise.
        context: the Lambda context object, for the time that is left.

    Returns:
        `{"status": "Successful"}`, or `{"status": "UpToDate"}` if there was nothing to do.

    Raises:
        RefreshError: the version was rolled back, or could not be rolled out, with the reason.
    """
    wanted = Wanted(
        group=event["group"],
        template=event["template"],
        version=event["version"],
        alarms=tuple(event["alarms"]),
        bake_seconds=event["bake_seconds"],
    )
    rollout = Rollout(
        clients(), wanted, lambda: context.get_remaining_time_in_millis() > _MARGIN_MS
    )
    status = rollout.run()
    logger.info("rolled out", extra={"status": status, "version": wanted.version})
    return {"status": status}


@cache
def clients() -> Clients:
    """Return the AWS clients, created once for each execution environment."""
    return Clients()
