"""S3 clients: one that reads, and one that signs upload forms for browsers."""

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from aws_clients import CONFIG, Clients
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class PhotosClients(Clients):
    """The clients, made on first use and then kept.

    Args:
        accelerated: whether forms go by S3 Transfer Acceleration, which has hosts of its own.
    """

    def __init__(self, accelerated: bool) -> None:
        self._accelerated = accelerated

    @cached_property
    def signer(self) -> "S3Client":
        """Signs without making calls. boto3 still uses version 2 for forms in old regions, and for
        all but `virtual` the host of us-east-1, which redirects a browser to a new bucket's region.
        """
        signing = Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual", "use_accelerate_endpoint": self._accelerated},
        )
        return boto3.client("s3", config=CONFIG.merge(signing))
