"""Subscribes and unsubscribes email addresses, both by the link in a mail."""

import hmac
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import environment
from api import Api, Refusal, Request, Response, allowed_origins
from aws_clients import Clients, UsesDynamoDB
from subscribers import (
    ACTIVE,
    UNSUBSCRIBED,
    id_of,
    key,
    mailbox_of,
    marker_key,
    request_key,
    suppression_key,
)

from .bodies import read_subscription
from .page import HEADERS, SUBSCRIBE, UNSUBSCRIBE

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_ID = re.compile("[0-9a-f]{32}")

REQUEST_INTERVAL = 10 * 60
"""Seconds in which a mailbox gets at most one confirmation mail."""

REQUEST_LIFETIME = 24 * 60 * 60
"""Seconds for which the link of a confirmation mail is valid."""


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    blog_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Request a subscription, confirm it, or unsubscribe a subscriber.

    Args:
        event: a proxy event of the REST API.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of the operation with a path `/subscriptions` in `apis/blog.yaml`.
    """
    return subscriptions()(event)


@cache
def subscriptions() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(
    settings: Settings,
    clients: UsesDynamoDB,
    origins: frozenset[str],
    clock: Callable[[], float] = time.time,
) -> Api:
    """Return the API with these settings and clients."""
    subscribing = Subscribing(settings.blog_table, clients.dynamodb, clock)
    path = "/subscriptions/{subscriberId}"
    return Api(
        {
            "POST /subscriptions": subscribing.subscribe,
            f"GET {path}/confirm": lambda request: _ask(request, SUBSCRIBE),
            f"POST {path}/confirm": subscribing.confirm,
            f"GET {path}/unsubscribe": lambda request: _ask(request, UNSUBSCRIBE),
            f"POST {path}/unsubscribe": subscribing.unsubscribe,
        },
        origins,
    )


class Subscribing:
    """Writes the subscribers of one table."""

    def __init__(self, table: str, client: "DynamoDBClient", clock: Callable[[], float]) -> None:
        self._table = table
        self._client = client
        self._clock = clock

    def subscribe(self, request: Request) -> Response:
        """Request a confirmation mail. It changes no subscriber, whoever sends the request.

        The write and the response are the same for every address, so that neither discloses who is
        subscribed. The mailer decides who gets a mail.
        """
        address, language = read_subscription(request.body())
        now = int(self._clock())
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=request_key(mailbox_of(address)),
                UpdateExpression=(
                    "SET email = :email, #language = :language, #token = :token, "
                    "requestedAt = :now, expiresAt = :expires"
                ),
                ConditionExpression="attribute_not_exists(pk) OR requestedAt <= :earlier",
                ExpressionAttributeNames={"#language": "language", "#token": "token"},
                ExpressionAttributeValues={
                    ":email": {"S": address},
                    ":language": {"S": language},
                    ":token": {"S": secrets.token_urlsafe(24)},
                    ":now": {"N": str(now)},
                    ":expires": {"N": str(now + REQUEST_LIFETIME)},
                    ":earlier": {"N": str(now - REQUEST_INTERVAL)},
                },
            )
        return Response(202, {"status": "accepted"})

    def confirm(self, request: Request) -> Response:
        """Subscribe the address of a confirmation mail, from the button of its page."""
        mailbox_id, token = _link(request)
        wanted = self._item(request_key(mailbox_id))
        _match(wanted, token)
        now = int(self._clock())
        if now >= int(wanted["expiresAt"]["N"]):  # DynamoDB deletes it some time later
            raise Refusal(404, "token", "has expired; subscribe again")
        subscriber_id = id_of(wanted["email"]["S"])
        if self._item(suppression_key(subscriber_id)):
            return Response(200, {"status": "subscribed"})  # the same for every address
        # If there is nothing to change, the response is the same.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=key(subscriber_id),
                UpdateExpression=(
                    "SET email = if_not_exists(email, :email), #language = :language, "
                    "#status = :active, subscribedAt = if_not_exists(subscribedAt, :now)"
                ),
                # Not active subscribers, not those who are suppressed, and not those who
                # unsubscribed after this request.
                ConditionExpression=(
                    "attribute_not_exists(pk) OR "
                    "(#status = :unsubscribed AND unsubscribedAt <= :requested)"
                ),
                ExpressionAttributeNames={"#language": "language", "#status": "status"},
                ExpressionAttributeValues={
                    ":email": wanted["email"],
                    ":language": wanted["language"],
                    ":active": {"S": ACTIVE},
                    ":unsubscribed": {"S": UNSUBSCRIBED},
                    ":requested": wanted["requestedAt"],
                    ":now": {"N": str(now)},
                },
            )
        return Response(200, {"status": "subscribed"})

    def unsubscribe(self, request: Request) -> Response:
        """Unsubscribe, from the button of the page or one click in a mail program (RFC 8058)."""
        subscriber_id, token = _link(request)
        _match(self._item(marker_key(subscriber_id)), token)
        # The condition fails if the subscriber is unsubscribed or suppressed already.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=key(subscriber_id),
                UpdateExpression="SET #status = :unsubscribed, unsubscribedAt = :now",
                ConditionExpression="#status = :active",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":unsubscribed": {"S": UNSUBSCRIBED},
                    ":active": {"S": ACTIVE},
                    ":now": {"N": str(int(self._clock()))},
                },
            )
        return Response(200, {"status": "unsubscribed"})

    def _item(self, item_key: dict[str, Any]) -> dict[str, Any]:
        found = self._client.get_item(TableName=self._table, Key=item_key, ConsistentRead=True)
        return dict(found.get("Item", {}))


def _ask(request: Request, page: str) -> Response:
    """Return the page of a link. It changes nothing, as mail scanners open links too."""
    _link(request)
    return Response(200, page, HEADERS)


def _match(item: dict[str, Any], token: str) -> None:
    known = item.get("token", {}).get("S", "")
    if not known or not hmac.compare_digest(known.encode(), token.encode()):
        raise Refusal(404, "token", "is not the token of a subscription")


def _link(request: Request) -> tuple[str, str]:
    """Return the subscriber ID and the token of a link."""
    subscriber_id, token = request.parameter("subscriberId"), request.query("token") or ""
    if not _ID.fullmatch(subscriber_id):
        raise Refusal(400, "subscriberId", "must be 32 hexadecimal digits")
    if not re.fullmatch("[A-Za-z0-9_-]{16,64}", token):
        raise Refusal(400, "token", "is not the token of a link")
    return subscriber_id, token
