"""An S3 client whose signatures are valid in every Region."""

from functools import cached_property
from typing import TYPE_CHECKING

from aws_clients import SIGNING, s3_client
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# By default boto3 also signs a checksum, which clients could not send.
CONFIG = SIGNING.merge(Config(request_checksum_calculation="when_required"))


class Clients:
    """The AWS client, created on first use."""

    @cached_property
    def s3(self) -> "S3Client":
        """Amazon S3, for buckets of the function's account."""
        return s3_client(CONFIG)
