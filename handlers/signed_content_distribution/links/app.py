"""Issues links to paid content, signed with a KMS key."""

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
    """Read from the environment variables of the same names in uppercase."""

    signing_key_arn: str
    signing_algorithm: str
    """Signing algorithm of KMS, such as `ECDSA_SHA_256`."""


class KmsLinkClients(LinkClients, Protocol):
    """The AWS clients that the function uses."""

    @property
    def kms(self) -> "KMSClient": ...


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
    clients: KmsLinkClients,
    origins: frozenset[str],
    clock: Callable[[], float] = time.time,
) -> Api:
    """Return the API with these settings and clients."""
    algorithm = cast("SigningAlgorithmSpecType", settings.signing_algorithm)
    signer = KmsSigner(clients.kms, settings.signing_key_arn, algorithm)
    return Api(operations(settings, clients, signer, clock), origins)
