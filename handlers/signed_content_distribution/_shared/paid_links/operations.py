"""The operations of the API, with any signer."""

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
    """Return the function of each operation."""
    links = Links(settings.key_id, signer)
    issuing = Issuing(settings, clients.dynamodb, links, clock)
    return {"POST /links": issuing.link, "POST /passes": issuing.folder_pass}
