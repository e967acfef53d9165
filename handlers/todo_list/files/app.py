"""Lists and deletes the files of a user's folder, and signs requests to read and write them."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from api import Api, allowed_origins

from .clients import Clients
from .folder import Folder

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    files_bucket: str
    url_seconds: int
    """Lifetime of a signed request. It also ends when the credentials of the function expire."""
    max_file_bytes: int


class FilesClients(Protocol):
    """The AWS client that the function uses."""

    @property
    def s3(self) -> "S3Client": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """List, sign or delete files of the caller.

    Args:
        event: a proxy event of the REST API with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of the operation with the tag `files` in `apis/todo.yaml`.
    """
    return files()(event)


@cache
def files() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: FilesClients, origins: frozenset[str]) -> Api:
    """Return the API with these settings and clients."""
    folder = Folder(
        settings.files_bucket, settings.url_seconds, settings.max_file_bytes, clients.s3
    )
    operations = {
        "GET /files": folder.list,
        "POST /files": folder.upload,
        "GET /files/{name}": folder.download,
        "DELETE /files/{name}": folder.delete,
    }
    return Api(operations, origins)
