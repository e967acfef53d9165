"""The webhook of the shop, which registers purchases."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from api import Api, allowed_origins
from aws_clients import Clients

from .register import Registering
from .secrets import Secrets

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    entitlements_table: str
    webhook_secret_arn: str


class RegistrationClients(Protocol):
    """The AWS clients that the function uses."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def secretsmanager(self) -> "SecretsManagerClient": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Register a purchase, or its cancellation, from a shop event.

    Args:
        event: a proxy event of the REST API. Its body is a shop event, signed in the headers
            `webhook-id`, `webhook-timestamp` and `webhook-signature`.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of `registerPurchase` in `apis/videos.yaml`.
    """
    return registration()(event)


@cache
def registration() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(
    settings: Settings,
    clients: RegistrationClients,
    origins: frozenset[str],
    clock: Callable[[], float] = time.time,
) -> Api:
    """Return the API with these settings and clients."""
    secrets = Secrets(settings.webhook_secret_arn, clients.secretsmanager, clock)
    registering = Registering(settings.entitlements_table, clients.dynamodb, secrets, clock)
    return Api({"POST /registrations": registering.register}, origins)
