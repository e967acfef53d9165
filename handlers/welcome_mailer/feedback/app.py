"""Records the events of SES about mails: sends, bounces, complaints and failures."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from aws_clients import Clients, UsesDynamoDB
from partial_batch import BadRecord, process
from subscribers import CONFIRMATION

from .._shared.welcome import Markers, Suppressions

logger = logging.getLogger(__name__)

_FAILURES = ("Reject", "Rendering Failure")
"""Events of mails that SES accepted and then did not send."""


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    blog_table: str
    configuration_set: str


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Record a batch of events.

    Args:
        event: `{"Records": [...]}` of SQS; each `body` is an EventBridge event with an SES event
            as `detail`.
            https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
        context: the Lambda context object, not used.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <message ID>}, ...]}`: messages to retry, which
        move to the dead-letter queue after the last attempt.
    """
    return feedback()(event)


@cache
def feedback() -> "Feedback":
    """Return the function, created once for each execution environment."""
    return Feedback(environment.read(Settings), Clients())


class Feedback:
    """Callable that handles a batch. Repeated events are harmless."""

    def __init__(self, settings: Settings, clients: UsesDynamoDB) -> None:
        self._settings = settings
        table, client = settings.blog_table, clients.dynamodb
        self._markers = Markers(table, client, 0, time.time)
        self._confirmations = Markers(table, client, 0, time.time, CONFIRMATION)
        self._suppressions = Suppressions(table, client)
        self._reports: dict[str, Callable[[str, dict[str, Any]], None]] = {
            "Send": self._sent,
            "Bounce": self._bounced,
            "Complaint": self._complained,
            **dict.fromkeys(_FAILURES, self._failed),
        }

    def __call__(self, event: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
        """Handle each event; those of other configuration sets are ignored."""
        return process(event["Records"], self._report)

    def _report(self, record: dict[str, Any]) -> None:
        try:
            detail = json.loads(record["body"])["detail"]
            kind, tags = detail["eventType"], detail["mail"].get("tags", {})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadRecord("is not an event of SES") from None
        ours = tags.get("ses:configuration-set") == [self._settings.configuration_set]
        report = self._reports.get(kind)
        if not ours or report is None:
            return
        if tags.get("subscriber"):
            report(str(tags["subscriber"][0]), detail)
        elif tags.get("mailbox") and tags.get("request"):
            self._confirmation(str(tags["mailbox"][0]), str(tags["request"][0]), detail)

    def _confirmation(self, mailbox_id: str, requested_at: str, detail: dict[str, Any]) -> None:
        extra = {"mailbox": mailbox_id, "code": detail["eventType"]}
        if detail["eventType"] == "Send":
            message_id = detail["mail"]["messageId"]
            if self._confirmations.close(mailbox_id, "sent", message_id, requested_at):
                logger.warning("open attempt was sent", extra=extra)
        elif detail["eventType"] in _FAILURES:
            logger.error("confirmation given up", extra=extra)

    def _sent(self, subscriber_id: str, detail: dict[str, Any]) -> None:
        if self._markers.close(subscriber_id, "sent", detail["mail"]["messageId"]):
            # The call of SES had no response, so the marker was still open.
            logger.warning("open attempt was sent", extra={"subscriber": subscriber_id})

    def _bounced(self, subscriber_id: str, detail: dict[str, Any]) -> None:
        if detail["bounce"]["bounceType"] == "Permanent":
            self._suppressions.add(subscriber_id, "bounce")

    def _complained(self, subscriber_id: str, _detail: dict[str, Any]) -> None:
        self._suppressions.add(subscriber_id, "complaint")

    def _failed(self, subscriber_id: str, detail: dict[str, Any]) -> None:
        extra = {"subscriber": subscriber_id, "code": detail["eventType"]}
        logger.error("welcome given up", extra=extra)
        self._markers.give_up(subscriber_id, detail["mail"]["messageId"])
