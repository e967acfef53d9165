"""Links to paid content, signed by a KMS key."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

import environment
from api import Api, allowed_origins
from aws_clients import Clients

from .._shared.cloudfront_links import KmsSigner
from .._shared.paid_links import LinkClients, LinkSettings, operations

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient
    from types_boto3_kms.literals import SigningAlgorithmSpecType


@dataclass(frozen=True)
class Settings(LinkSettings):
    """Read from the variables of the same names in capitals."""

    signing_key_arn: str
    signing_algorithm: str
    """KMS's name for it."""


class KmsLinkClients(LinkClients, Protocol):
    """The clients it uses."""

    @property
    def kms(self) -> "KMSClient": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Issue a link to the caller.

    Args:
        event: a REST API's proxy event with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as `createLink` and `createPass` of `apis/videos.yaml` describe it.
    """
    return links()(event)


@cache
def links() -> Api:
    """Return the function of this execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(
    settings: Settings,
    clients: KmsLinkClients,
    origins: frozenset[str],
    clock: Callable[[], float] = time.time,
) -> Api:
    """Return the function. It makes no calls yet."""
    algorithm = cast("SigningAlgorithmSpecType", settings.signing_algorithm)
    signer = KmsSigner(clients.kms, settings.signing_key_arn, algorithm)
    return Api(operations(settings, clients, signer, clock), origins)
