"""Registers purchases."""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api import Members, Refusal, Request, Response

from .._shared.entitlements import Purchase, Purchases
from .secrets import Secrets
from .webhook import TOLERANCE_SECONDS, verified

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SUB = re.compile(r"[A-Za-z0-9_-]{1,128}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")


class Registering:
    """Registers the purchases of one shop."""

    def __init__(
        self, table: str, client: "DynamoDBClient", secrets: Secrets, clock: Callable[[], float]
    ) -> None:
        self._purchases = Purchases(table, client)
        self._secrets = secrets
        self._clock = clock

    def register(self, request: Request) -> Response:
        """Apply one event. A repeated or stale event changes nothing and also returns 200."""
        now = self._clock()
        event_id = verified(request, self._secrets(), now)
        event = read_purchase(event_id, request.body())
        if event.occurred_at > (now + TOLERANCE_SECONDS) * 1000:
            # It would take precedence over all events until that time.
            raise Refusal(400, "occurredAt", "is in the future")
        outcome = self._purchases.apply(event, now).value
        logger.info("purchase", extra={"event": event_id, "user": event.user, "outcome": outcome})
        return Response(200, {"outcome": outcome})


def read_purchase(event_id: str, body: dict[str, Any]) -> Purchase:
    """Read the body of `registerPurchase`."""
    required = ("type", "purchaseId", "userId", "occurredAt")
    members = Members(body, required, ("item", "validUntil"))
    kind = members.matching("type", 9, re.compile("granted|cancelled"), "granted or cancelled")
    name = "letters, digits and . _ -, the first a letter or digit"
    return Purchase(
        event_id=event_id,
        occurred_at=_time(members, "occurredAt"),
        user=members.matching("userId", 128, _SUB, "the sub of a user"),
        item=members.matching("item", 128, _NAME, name) if "item" in members else None,
        purchase=members.matching("purchaseId", 128, _NAME, name),
        cancelled=kind == "cancelled",
        valid_until=_time(members, "validUntil") if "validUntil" in members else None,
    )


def _time(members: Members, name: str) -> int:
    text = members.matching(name, 35, _TIME, "a time such as 2027-01-31T17:00:00Z")
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError):  # there is no such day
        raise Refusal(400, name, "must be a time such as 2027-01-31T17:00:00Z") from None
