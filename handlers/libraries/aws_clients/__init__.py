"""The AWS clients of one execution environment, each created on first use."""

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config

from .bucket_owner import s3_client

if TYPE_CHECKING:
    from types_boto3_athena import AthenaClient
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_firehose import FirehoseClient
    from types_boto3_kinesis import KinesisClient
    from types_boto3_kms import KMSClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sns import SNSClient

__all__ = ["CONFIG", "SIGNING", "Clients", "UsesDynamoDB", "s3_client"]

# Without this, botocore logs at every cold start which credentials it found.
logging.getLogger("botocore").setLevel(logging.WARNING)

# Much shorter than the timeouts of functions: a hanging call must raise an error that is handled,
# not a timeout that loses the progress of the batch.
CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)

# For clients that sign URLs and forms of S3. In old Regions boto3 still signs with version 2, which
# does not sign headers. Without `virtual` it signs the host of us-east-1, which redirects to the
# Region of a new bucket. In us-east-1 it signs `s3.amazonaws.com`, which a page cannot use whose
# Content-Security-Policy names the host of the Region.
SIGNING = CONFIG.merge(
    Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
)


class Clients:
    """Clients by service. Tests use other objects with the same attributes."""

    @cached_property
    def athena(self) -> "AthenaClient":
        """Amazon Athena."""
        return boto3.client("athena", config=CONFIG)

    @cached_property
    def autoscaling(self) -> "AutoScalingClient":
        """Amazon EC2 Auto Scaling."""
        return boto3.client("autoscaling", config=CONFIG)

    @cached_property
    def cloudfront(self) -> "CloudFrontClient":
        """Amazon CloudFront."""
        return boto3.client("cloudfront", config=CONFIG)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """Amazon CloudWatch."""
        return boto3.client("cloudwatch", config=CONFIG)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """Amazon DynamoDB."""
        return boto3.client("dynamodb", config=CONFIG)

    @cached_property
    def events(self) -> "EventBridgeClient":
        """Amazon EventBridge, without parameter validation.

        Validating the entries would take longer than all other work of the publisher.
        """
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
        """Amazon S3, for buckets of the function's account."""
        return s3_client(CONFIG)

    @cached_property
    def kms(self) -> "KMSClient":
        """AWS KMS."""
        return boto3.client("kms", config=CONFIG)

    @cached_property
    def lambda_once(self) -> "LambdaClient":
        """AWS Lambda, for an invocation that may take 15 minutes and must not be repeated."""
        once = CONFIG.merge(Config(read_timeout=895, retries={"total_max_attempts": 1}))
        return boto3.client("lambda", config=once)

    @cached_property
    def secretsmanager(self) -> "SecretsManagerClient":
        """AWS Secrets Manager."""
        return boto3.client("secretsmanager", config=CONFIG)

    @cached_property
    def sns(self) -> "SNSClient":
        """Amazon SNS."""
        return boto3.client("sns", config=CONFIG)

    @cached_property
    def ses_once(self) -> "SESV2Client":
        """Amazon SES, without retries, as each attempt may send a mail."""
        once = CONFIG.merge(Config(retries={"total_max_attempts": 1}))
        return boto3.client("sesv2", config=once)


class UsesDynamoDB(Protocol):
    """The clients of code that only calls DynamoDB."""

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """Amazon DynamoDB."""
