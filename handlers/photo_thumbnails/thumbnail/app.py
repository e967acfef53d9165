"""Creates the thumbnails of uploaded photos."""

import logging
from functools import cache, cached_property
from typing import Any, cast

import boto3
import environment
from aws_clients import CONFIG
from aws_clients import Clients as AwsClients
from partial_batch import process

from .convert import ConvertClients, Converter
from .messages import changed_keys
from .rekognition import Rekognition
from .settings import Settings

# Pillow tells of each chunk that it reads.
logging.getLogger("PIL").setLevel(logging.WARNING)


class Clients(AwsClients):
    """The clients of all functions, and one that only this one has."""

    @cached_property
    def rekognition(self) -> Rekognition:
        """Amazon Rekognition."""
        return cast(Rekognition, boto3.client("rekognition", config=CONFIG))


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Make the thumbnails of a batch of uploads.

    Args:
        event: `{"Records": [...]}` of SQS; each body is a notification of S3.
            https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        context: Lambda's context object, not used.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <message ID>}, ...]}`: those that come again, and
        in the end lie in the dead-letter queue. A photo of which no thumbnail can be made is not
        among them: it is recorded, and complete.
    """
    return thumbnails()(event)


@cache
def thumbnails() -> "Thumbnails":
    """Return the consumer of this execution environment."""
    return Thumbnails(environment.read(Settings), Clients())


class Thumbnails:
    """Callable that handles a batch."""

    def __init__(self, settings: Settings, clients: ConvertClients) -> None:
        self._settings = settings
        self._converter = Converter(settings, clients)

    def __call__(self, event: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
        """Handle each message."""
        return process(event["Records"], self._handle)

    def _handle(self, record: dict[str, Any]) -> None:
        settings = self._settings
        received = int(record["attributes"]["ApproximateReceiveCount"])
        for key in changed_keys(record["body"], settings.uploads_bucket, settings.upload_prefix):
            self._converter.convert(key, settings.tries - received)
