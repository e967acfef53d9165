"""Lists, signs requests for, and deletes the files of a user's folder. It never reads contents."""

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
    """Read from the variables of the same names in capitals."""

    files_bucket: str
    url_seconds: int
    """How long a signed request is good; it also ends with the function's own credentials."""
    max_file_bytes: int


class FilesClients(Protocol):
    """The client it uses."""

    @property
    def s3(self) -> "S3Client": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Serve the caller's folder.

    Args:
        event: a REST API's proxy event with the claims of the user pool's token.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as the operations of the tag `files` of `apis/todo.yaml` describe it.
    """
    return files()(event)


@cache
def files() -> Api:
    """Return the function of this execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: FilesClients, origins: frozenset[str]) -> Api:
    """Return the function. It makes no calls yet."""
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
