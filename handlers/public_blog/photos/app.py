"""Serves the photos of the blog: upload forms, the gallery, and the state of a photo."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from api import Api, allowed_origins

from .clients import PhotosClients
from .forms import Forms
from .gallery import Gallery

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase.

    `PhotoThumbnails.grant_photo_api` sets them.
    """

    uploads_bucket: str
    upload_prefix: str
    images_bucket: str
    image_prefix: str
    max_upload_bytes: int
    accelerated: int
    """1 to upload with S3 Transfer Acceleration, otherwise 0."""


class PhotoClients(Protocol):
    """The AWS clients that the function uses."""

    @property
    def s3(self) -> "S3Client": ...
    @property
    def signer(self) -> "S3Client": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Sign an upload form, or read photos.

    Args:
        event: a proxy event of the REST API.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of the operation with the tag `photos` in `apis/blog.yaml`.
    """
    return photos()(event)


@cache
def photos() -> Api:
    """Return the function, created once for each execution environment."""
    settings = environment.read(Settings)
    return make(settings, PhotosClients(bool(settings.accelerated)), allowed_origins())


def make(settings: Settings, clients: PhotoClients, origins: frozenset[str]) -> Api:
    """Return the API with these settings and clients."""
    forms = Forms(
        settings.uploads_bucket, settings.upload_prefix, settings.max_upload_bytes, clients.signer
    )
    gallery = Gallery(settings.images_bucket, settings.image_prefix, clients.s3)
    operations = {
        "POST /photos": forms.create,
        "GET /photos": gallery.list,
        "GET /photos/{photoId}": gallery.get,
    }
    return Api(operations, origins)
