"""Webhook of the shop, which registers purchases."""

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
    """Read from the variables of the same names in capitals."""

    entitlements_table: str
    webhook_secret_arn: str


class RegistrationClients(Protocol):
    """The clients it uses."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def secretsmanager(self) -> "SecretsManagerClient": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take an event of the shop.

    Args:
        event: a REST API's proxy event, its body signed by the shop.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as `registerPurchase` of `apis/videos.yaml` describes it.
    """
    return registration()(event)


@cache
def registration() -> Api:
    """Return the function of this execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(
    settings: Settings,
    clients: RegistrationClients,
    origins: frozenset[str],
    clock: Callable[[], float] = time.time,
) -> Api:
    """Return the function. It makes no calls yet."""
    secrets = Secrets(settings.webhook_secret_arn, clients.secretsmanager, clock)
    registering = Registering(settings.entitlements_table, clients.dynamodb, secrets, clock)
    return Api({"POST /registrations": registering.register}, origins)
