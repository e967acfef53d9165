"""Deletes files of users' folders that are beyond the limits of direct writes."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from aws_clients import Clients
from partial_batch import process

from .limits import Limits
from .messages import written_files

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    files_bucket: str
    max_file_bytes: int
    max_folder_bytes: int
    max_files: int
    allowed_media_types: str
    """Separated by commas."""


class LimitsClients(Protocol):
    """The AWS client that the function uses."""

    @property
    def s3(self) -> "S3Client": ...


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Check a batch of new files.

    Args:
        event: `{"Records": [...]}` of SQS; each `body` is an S3 notification.
            https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
        context: the Lambda context object, not used.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <message ID>}, ...]}`: messages to retry, which
        move to the dead-letter queue after the last receive.
    """
    return folder_limits()(event)


@cache
def folder_limits() -> "FolderLimits":
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients())


def make(settings: Settings, clients: LimitsClients) -> "FolderLimits":
    """Return the function with these settings and clients."""
    limits = Limits(
        clients.s3,
        settings.files_bucket,
        max_file_bytes=settings.max_file_bytes,
        max_folder_bytes=settings.max_folder_bytes,
        max_files=settings.max_files,
        media_types=frozenset(settings.allowed_media_types.split(",")),
    )
    return FolderLimits(settings.files_bucket, limits)


class FolderLimits:
    """Callable that handles a batch. Repeated messages are harmless."""

    def __init__(self, bucket: str, limits: Limits) -> None:
        self._bucket = bucket
        self._limits = limits

    def __call__(self, event: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
        """Check the files of each message."""
        return process(event["Records"], self._check)

    def _check(self, record: dict[str, Any]) -> None:
        for file in written_files(record.get("body", ""), self._bucket):
            self._limits.check(file)
