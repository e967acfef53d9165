"""The AWS clients of one execution environment, each made on first use and then kept."""

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_athena import AthenaClient
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_firehose import FirehoseClient
    from types_boto3_kinesis import KinesisClient
    from types_boto3_kms import KMSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sesv2 import SESV2Client

__all__ = ["CONFIG", "Clients", "UsesDynamoDB"]

# Which credentials and endpoints it found is no news at every cold start.
logging.getLogger("botocore").setLevel(logging.WARNING)

# Well under a function's own timeout: a hanging call must become an error that is retried, not a
# timeout that loses what the batch has done so far.
CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)


class Clients:
    """Clients by service. A test hands the code under test any object with the same attributes."""

    @cached_property
    def athena(self) -> "AthenaClient":
        """Amazon Athena."""
        return boto3.client("athena", config=CONFIG)

    @cached_property
    def cloudfront(self) -> "CloudFrontClient":
        """Amazon CloudFront."""
        return boto3.client("cloudfront", config=CONFIG)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """Amazon DynamoDB."""
        return boto3.client("dynamodb", config=CONFIG)

    @cached_property
    def events(self) -> "EventBridgeClient":
        """Amazon EventBridge. The publisher makes its entries itself: checked twice, they would
        cost more than all of its other work."""
        unchecked = CONFIG.merge(Config(parameter_validation=False))
        return boto3.client("events", config=unchecked)

    @cached_property
    def firehose(self) -> "FirehoseClient":
        """Amazon Data Firehose."""
        return boto3.client("firehose", config=CONFIG)

    @cached_property
    def kinesis(self) -> "KinesisClient":
        """Amazon Kinesis Data Streams."""
        return boto3.client("kinesis", config=CONFIG)

    @cached_property
    def s3(self) -> "S3Client":
        """Amazon S3."""
        return boto3.client("s3", config=CONFIG)

    @cached_property
    def kms(self) -> "KMSClient":
        """AWS KMS."""
        return boto3.client("kms", config=CONFIG)

    @cached_property
    def secretsmanager(self) -> "SecretsManagerClient":
        """AWS Secrets Manager."""
        return boto3.client("secretsmanager", config=CONFIG)

    @cached_property
    def ses_once(self) -> "SESV2Client":
        """Amazon SES, which may send a mail with each try: it gets one."""
        once = CONFIG.merge(Config(retries={"total_max_attempts": 1}))
        return boto3.client("sesv2", config=once)


class UsesDynamoDB(Protocol):
    """What code that calls DynamoDB only asks of its clients."""

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """Amazon DynamoDB."""
