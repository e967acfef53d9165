"""S3 clients: one that reads, and one that signs upload forms for browsers."""

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from aws_clients import SIGNING, Clients
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class PhotosClients(Clients):
    """AWS clients, each created on first use.

    Args:
        accelerated: whether forms use S3 Transfer Acceleration, which has its own hosts.
    """

    def __init__(self, accelerated: bool) -> None:
        self._accelerated = accelerated

    @cached_property
    def signer(self) -> "S3Client":
        """Amazon S3, for signing only."""
        if not self._accelerated:
            return boto3.client("s3", config=SIGNING)
        accelerated = Config(s3={"use_accelerate_endpoint": True})
        return boto3.client("s3", config=SIGNING.merge(accelerated))
