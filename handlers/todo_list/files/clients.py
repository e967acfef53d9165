"""An S3 client whose signatures are valid in every Region."""

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from aws_clients import CONFIG
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# In old Regions boto3 still signs URLs and forms with version 2, which does not sign headers.
# Without `virtual` it signs the host of us-east-1, which redirects to the Region of a new bucket.
# By default it also signs a checksum, which clients could not send.
SIGNING = CONFIG.merge(
    Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual"},
        request_checksum_calculation="when_required",
    )
)


class Clients:
    """The AWS client, created on first use."""

    @cached_property
    def s3(self) -> "S3Client":
        """Amazon S3."""
        return boto3.client("s3", config=SIGNING)
