"""Sends confirmation mails and welcome mails, from the stream of the table of subscribers."""

import logging
import time
from collections import Counter
from functools import cache
from typing import Any

import environment
from aws_clients import Clients
from partial_batch import BadRecord, process
from subscribers import ACTIVE

from .._shared.welcome import Senders, SendingClients, WelcomeSettings

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Send the mails of the new requests and the new subscribers of a batch.

    Args:
        event: `{"Records": [...]}` of a DynamoDB stream; `eventName` and `dynamodb` (`NewImage`,
            `SequenceNumber`) of each record are read.
            https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
        context: the Lambda context object, not used.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <sequence number>}, ...]}`; Lambda retries from
        the lowest.
    """
    return welcome()(event)


@cache
def welcome() -> "Welcome":
    """Return the function, created once for each execution environment."""
    return make(environment.read(WelcomeSettings), Clients())


def make(settings: WelcomeSettings, clients: SendingClients) -> "Welcome":
    """Return the function with these settings and clients."""
    return Welcome(Senders.make(settings, clients, time.time))


class Welcome:
    """Callable that handles a batch."""

    def __init__(self, senders: Senders) -> None:
        self._senders = senders
        self._outcomes: Counter[str] = Counter()

    def __call__(self, event: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
        """Handle each record. A duplicate costs a failed conditional write and sends no mail."""
        self._outcomes.clear()
        response = process(event["Records"], self._record, _sequence_number)
        failed = len(response["batchItemFailures"])
        logger.info("batch welcomed", extra={**self._outcomes, "failed": failed})
        return response

    def _record(self, record: dict[str, Any]) -> None:
        image = (record.get("dynamodb") or {}).get("NewImage")
        if not isinstance(image, dict):
            raise BadRecord("has no new image")
        kind = image.get("sk", {}).get("S")
        if kind == "request":
            self._outcomes[self._senders.confirming.first(image)] += 1
        elif kind == "subscriber":
            new = record.get("eventName") == "INSERT"
            self._outcomes[self._greet(image) if new else self._check(image)] += 1

    def _greet(self, image: dict[str, Any]) -> str:
        claim = self._senders.welcoming.markers.first(_id_of(image))
        if claim is None:
            return self._check(image)
        return self._senders.welcoming.send(claim, image["email"]["S"], image["language"]["S"])

    def _check(self, image: dict[str, Any]) -> str:
        """Suppress a known subscriber again, whose status another Region has written over."""
        active = image["status"]["S"] == ACTIVE
        if active and self._senders.suppressions.covers(_id_of(image)):
            return "suppressed"
        return "known"


def _id_of(image: dict[str, Any]) -> str:
    return str(image["pk"]["S"]).partition("#")[2]


def _sequence_number(record: dict[str, Any]) -> str:
    return str((record.get("dynamodb") or {}).get("SequenceNumber", ""))
