"""Subscribes email addresses to the blog, and unsubscribes them by the link in a mail."""

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
    """Read from the environment variables of the same names in uppercase."""

    blog_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Subscribe an address, or unsubscribe a subscriber.

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
        # If there is nothing to change, the response is the same.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=key(id_of(address)),
                UpdateExpression=(
                    "SET email = if_not_exists(email, :email), #language = :language, "
                    "#status = :active, subscribedAt = if_not_exists(subscribedAt, :now)"
                ),
                # Not active subscribers, and not those who are suppressed.
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
        """Return the page of the link. It changes nothing, as mail scanners open links too."""
        _link(request)
        return Response(200, ASK, HEADERS)

    def unsubscribe(self, request: Request) -> Response:
        """Unsubscribe, from the button of the page or one click in a mail program (RFC 8058)."""
        subscriber_id, token = _link(request)
        found = self._client.get_item(
            TableName=self._table, Key=marker_key(subscriber_id), ConsistentRead=True
        )
        known = found.get("Item", {}).get("token", {}).get("S", "")
        if not known or not hmac.compare_digest(known.encode(), token.encode()):
            raise Refusal(404, "token", "is not the token of a subscription")
        # The condition fails if the subscriber is unsubscribed or suppressed already.
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
    """Return the subscriber ID and the token of a link."""
    subscriber_id, token = request.parameter("subscriberId"), request.query("token") or ""
    if not _ID.fullmatch(subscriber_id):
        raise Refusal(400, "subscriberId", "must be 32 hexadecimal digits")
    if not re.fullmatch("[A-Za-z0-9_-]{16,64}", token):
        raise Refusal(400, "token", "is not the token of a link")
    return subscriber_id, token
