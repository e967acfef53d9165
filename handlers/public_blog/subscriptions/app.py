"""Subscriptions to the blog: subscribe, and unsubscribe by the link of a mail."""

import hmac
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import environment
from api import Api, Refusal, Request, Response, allowed_origins
from aws_clients import Clients, UsesDynamoDB
from subscribers import ACTIVE, UNSUBSCRIBED, id_of, key, marker_key

from .bodies import read_subscription
from .page import ASK, HEADERS

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Settings:
    """Read from the variables of the same names in capitals."""

    blog_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Subscribe or unsubscribe somebody.

    Args:
        event: a REST API's proxy event.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as the operations of `apis/blog.yaml` about subscriptions describe it.
    """
    return subscriptions()(event)


@cache
def subscriptions() -> Api:
    """Return the function of this execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(
    settings: Settings,
    clients: UsesDynamoDB,
    origins: frozenset[str],
    clock: Callable[[], float] = time.time,
) -> Api:
    """Return the function. It makes no calls yet."""
    subscribing = Subscribing(settings.blog_table, clients.dynamodb, clock)
    path = "/subscriptions/{subscriberId}/unsubscribe"
    return Api(
        {
            "POST /subscriptions": subscribing.subscribe,
            f"GET {path}": subscribing.ask,
            f"POST {path}": subscribing.unsubscribe,
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
        """Subscribe an address. The response does not disclose whether it was subscribed before."""
        address, language = read_subscription(request.body())
        # Nothing to change is nothing to tell.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=key(id_of(address)),
                UpdateExpression=(
                    "SET email = if_not_exists(email, :email), #language = :language, "
                    "#status = :active, subscribedAt = if_not_exists(subscribedAt, :now)"
                ),
                # Neither those who are, nor those whose mails bounced or who complained.
                ConditionExpression="attribute_not_exists(pk) OR #status = :unsubscribed",
                ExpressionAttributeNames={"#language": "language", "#status": "status"},
                ExpressionAttributeValues={
                    ":email": {"S": address},
                    ":language": {"S": language},
                    ":active": {"S": ACTIVE},
                    ":unsubscribed": {"S": UNSUBSCRIBED},
                    ":now": {"N": str(int(self._clock()))},
                },
            )
        return Response(202, {"status": "accepted"})

    def ask(self, request: Request) -> Response:
        """The page behind the link; it changes nothing, as mail scanners open links too."""
        _link(request)
        return Response(200, ASK, HEADERS)

    def unsubscribe(self, request: Request) -> Response:
        """Unsubscribe: the page's button, and the one click of a mail program (RFC 8058)."""
        subscriber_id, token = _link(request)
        found = self._client.get_item(
            TableName=self._table, Key=marker_key(subscriber_id), ConsistentRead=True
        )
        known = found.get("Item", {}).get("token", {}).get("S", "")
        if not known or not hmac.compare_digest(known.encode(), token.encode()):
            raise Refusal(404, "token", "is not the token of a subscription")
        # Refused where it has been done, and where a bounce or complaint weighs more.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=key(subscriber_id),
                UpdateExpression="SET #status = :unsubscribed",
                ConditionExpression="#status = :active",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":unsubscribed": {"S": UNSUBSCRIBED},
                    ":active": {"S": ACTIVE},
                },
            )
        return Response(200, {"status": "unsubscribed"})


def _link(request: Request) -> tuple[str, str]:
    """Subscriber and token that a link names."""
    subscriber_id, token = request.parameter("subscriberId"), request.query("token") or ""
    if not _ID.fullmatch(subscriber_id):
        raise Refusal(400, "subscriberId", "must be 32 hexadecimal digits")
    if not re.fullmatch("[A-Za-z0-9_-]{16,64}", token):
        raise Refusal(400, "token", "is not the token of a link")
    return subscriber_id, token
