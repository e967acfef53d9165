"""S3 clients: one that reads, and one that signs upload forms for browsers."""

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from aws_clients import CONFIG, Clients
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
        """Amazon S3, for signing only.

        In old Regions boto3 still signs forms with version 2. Without `virtual` it uses the host of
        us-east-1, which redirects to the Region of a new bucket.
        """
        signing = Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual", "use_accelerate_endpoint": self._accelerated},
        )
        return boto3.client("s3", config=CONFIG.merge(signing))
