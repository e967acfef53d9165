"""Records what SES reports about mails: sends, bounces and complaints."""

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
from subscribers import SUPPRESSED, key

from .._shared.welcome import Markers

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Read from the variables of the same names in capitals."""

    blog_table: str
    configuration_set: str


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Note what became of a batch of mails.

    Args:
        event: `{"Records": [...]}` of SQS; each body is an event of SES, as EventBridge brings it.
            https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
        context: Lambda's context object, not used.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <message ID>}, ...]}`.
    """
    return feedback()(event)


@cache
def feedback() -> "Feedback":
    """Return the function of this execution environment."""
    return Feedback(environment.read(Settings), Clients())


class Feedback:
    """Callable that handles a batch; every report may come again."""

    def __init__(self, settings: Settings, clients: UsesDynamoDB) -> None:
        self._settings = settings
        self._client = clients.dynamodb
        self._markers = Markers(settings.blog_table, clients.dynamodb, 0, time.time)
        self._reports: dict[str, Callable[[str, dict[str, Any]], None]] = {
            "Send": self._sent,
            "Bounce": self._bounced,
            "Complaint": self._complained,
            "Reject": self._failed,
            "Rendering Failure": self._failed,
        }

    def __call__(self, event: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
        """Handle each report; those of other configuration sets are ignored."""
        return process(event["Records"], self._report)

    def _report(self, record: dict[str, Any]) -> None:
        try:
            detail = json.loads(record["body"])["detail"]
            kind, tags = detail["eventType"], detail["mail"].get("tags", {})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadRecord("is no event of SES") from None
        ours = tags.get("ses:configuration-set") == [self._settings.configuration_set]
        report = self._reports.get(kind)
        if ours and report and tags.get("subscriber"):
            report(str(tags["subscriber"][0]), detail)

    def _sent(self, subscriber_id: str, detail: dict[str, Any]) -> None:
        if self._markers.close(subscriber_id, "sent", detail["mail"]["messageId"]):
            logger.warning("sent without an end", extra={"subscriber": subscriber_id})

    def _bounced(self, subscriber_id: str, detail: dict[str, Any]) -> None:
        if detail["bounce"]["bounceType"] == "Permanent":
            self._suppress(subscriber_id, "bounce")

    def _complained(self, subscriber_id: str, _detail: dict[str, Any]) -> None:
        self._suppress(subscriber_id, "complaint")

    def _failed(self, subscriber_id: str, detail: dict[str, Any]) -> None:
        extra = {"subscriber": subscriber_id, "code": detail["eventType"]}
        logger.error("welcome given up", extra=extra)
        self._markers.close(subscriber_id, "failed", detail["mail"]["messageId"])

    def _suppress(self, subscriber_id: str, reason: str) -> None:
        logger.warning("suppressed", extra={"subscriber": subscriber_id, "code": reason})
        try:
            self._client.update_item(
                TableName=self._settings.blog_table,
                Key=key(subscriber_id),
                UpdateExpression="SET #status = :suppressed, suppressedBy = :reason",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":suppressed": {"S": SUPPRESSED},
                    ":reason": {"S": reason},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            logger.warning("no subscriber to suppress", extra={"subscriber": subscriber_id})
