"""The operations of the API, whoever signs."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from api import Request, Response

from ..cloudfront_links import Links, Signer
from .issue import Issuing
from .settings import LinkSettings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class LinkClients(Protocol):
    """The client that both functions use."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...


def operations(
    settings: LinkSettings,
    clients: LinkClients,
    signer: Signer,
    clock: Callable[[], float],
) -> dict[str, Callable[[Request], Response]]:
    """What answers each operation; nothing is called yet.

    COOKIE_DOMAIN in the environment may name the domain that the API and the content share.
    """
    domain = os.environ.get("COOKIE_DOMAIN", "")
    links = Links(settings.key_id, signer)
    issuing = Issuing(settings, clients.dynamodb, links, domain, clock)
    return {"POST /links": issuing.link, "POST /passes": issuing.folder_pass}
