"""Pushes the image of a service: its code as a layer over a public base image."""

import logging
import tempfile
import time
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_clients import CONFIG
from botocore.config import Config
from botocore.exceptions import ClientError

from .base_image import BaseImage
from .image import Settings, compose
from .layer import write_layer
from .repository import Repository

if TYPE_CHECKING:
    from types_boto3_ecr import ECRClient
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

_PATIENT = CONFIG.merge(Config(read_timeout=60))
"""A part of a layer has some megabytes."""
_ATTEMPTS, _PAUSE_SECONDS = 12, 5.0
"""Patience with the permissions of a new role, which IAM does not spread at once."""


class Clients:
    """The AWS clients, each created on first use."""

    @cached_property
    def ecr(self) -> "ECRClient":
        """Amazon ECR."""
        return boto3.client("ecr", config=_PATIENT)

    @cached_property
    def s3(self) -> "S3Client":
        """Amazon S3."""
        return boto3.client("s3", config=_PATIENT)


@cache
def clients() -> Clients:
    """Return the AWS clients, created once for each execution environment."""
    return Clients()


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Push an image, unless its tag is in the repository.

    Args:
        event: `{"repository": name, "tag": tag, "base_image": address with a digest,
            "architecture": "arm64", "bucket": name, "key": key of the archive of the code,
            "command": [...], "port": 8080}`. The tag depends on all the others.
        _context: the Lambda context object, not used.

    Returns:
        `{"digest": "sha256:..."}`, the digest of the image.

    Raises:
        base_image.BaseImageError: the base image cannot be read, or has another digest.
    """
    repository = Repository(clients().ecr, event["repository"])
    known = _find(repository, event["tag"])
    if known:
        logger.info("the image is in the repository", extra={"digest": known})
        return {"digest": known}
    digest = push(repository, event)
    logger.info("pushed", extra={"digest": digest})
    return {"digest": digest}


def _find(repository: Repository, tag: str) -> str:
    """Return the digest of the image with a tag, or "", as soon as the role may ask for it."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return repository.find(tag)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
        time.sleep(_PAUSE_SECONDS)
    return repository.find(tag)


def push(repository: Repository, event: dict[str, Any]) -> str:
    """Build and push an image, and return its digest."""
    base = BaseImage(event["base_image"], event["architecture"])
    with tempfile.TemporaryDirectory() as folder:
        archive, packed = Path(folder, "code.zip"), Path(folder, "code.tar.gz")
        clients().s3.download_file(event["bucket"], event["key"], str(archive))
        layer = write_layer(archive, packed)
        archive.unlink()
        settings = Settings(tuple(event["command"]), event["port"])
        image = compose(base.manifest, base.config, layer, settings)
        missing = repository.missing([*base.layers, layer.digest, image.config_digest])
        for digest in missing.intersection(base.layers):
            with base.open(digest) as content:
                repository.upload(digest, content)
        if layer.digest in missing:
            with packed.open("rb") as content:
                repository.upload(layer.digest, content)
    if image.config_digest in missing:
        repository.upload_bytes(image.config_digest, image.config)
    return repository.put(image.manifest, image.media_type, event["tag"])
