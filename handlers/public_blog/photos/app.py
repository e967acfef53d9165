"""Photos of the blog: upload forms, the gallery, and the state of an upload."""

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
    """Read from the variables of the same names in capitals: `PhotoThumbnails.grant_photo_api`."""

    uploads_bucket: str
    upload_prefix: str
    images_bucket: str
    image_prefix: str
    max_upload_bytes: int
    accelerated: int
    """0 or 1."""


class PhotoClients(Protocol):
    """The clients it uses."""

    @property
    def s3(self) -> "S3Client": ...
    @property
    def signer(self) -> "S3Client": ...


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Serve the photos.

    Args:
        event: a REST API's proxy event.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as the operations of the tag `photos` of `apis/blog.yaml` describe it.
    """
    return photos()(event)


@cache
def photos() -> Api:
    """Return the function of this execution environment."""
    settings = environment.read(Settings)
    return make(settings, PhotosClients(bool(settings.accelerated)), allowed_origins())


def make(settings: Settings, clients: PhotoClients, origins: frozenset[str]) -> Api:
    """Return the function. It makes no calls yet."""
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
