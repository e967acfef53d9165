"""Issues links to paid content, signed in process with a key from Secrets Manager."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from api import Api, allowed_origins
from aws_clients import Clients

from .._shared.paid_links import LinkClients, LinkSettings, operations
from .key_signer import load

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True)
class Settings(LinkSettings):
    """Read from the environment variables of the same names in uppercase."""

    signing_secret_arn: str


class SecretLinkClients(LinkClients, Protocol):
    """The AWS clients that the function uses."""

    @property
    def secretsmanager(self) -> "SecretsManagerClient": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Issue a link to the caller.

    Args:
        event: a proxy event of the REST API with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of `createLink` or `createPass` in `apis/videos.yaml`.
    """
    return links()(event)


@cache
def links() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(
    settings: Settings,
    clients: SecretLinkClients,
    origins: frozenset[str],
    clock: Callable[[], float] = time.time,
) -> Api:
    """Return the API with these settings and clients. Reads the signing key."""
    signer = load(clients.secretsmanager, settings.signing_secret_arn)
    return Api(operations(settings, clients, signer, clock), origins)
