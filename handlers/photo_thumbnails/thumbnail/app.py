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

# Pillow logs each chunk that it reads.
logging.getLogger("PIL").setLevel(logging.WARNING)


class Clients(AwsClients):
    """The AWS clients of all functions, and Rekognition."""

    @cached_property
    def rekognition(self) -> Rekognition:
        """Amazon Rekognition."""
        return cast(Rekognition, boto3.client("rekognition", config=CONFIG))


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Create the thumbnails of a batch of uploads.

    Args:
        event: `{"Records": [...]}` of SQS; each `body` is an S3 notification, and
            `attributes.ApproximateReceiveCount` tells whether it was received before.
            https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        context: the Lambda context object, not used.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <message ID>}, ...]}`: messages to retry, which
        move to the dead-letter queue after the last receive. A photo that cannot be converted is
        not among them: its failure is recorded.
    """
    return thumbnails()(event)


@cache
def thumbnails() -> "Thumbnails":
    """Return the consumer, created once for each execution environment."""
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
            self._converter.convert(key, is_repeated=received > 1)
