"""DeliveryStream: Data Firehose from a stream or Direct PUT, with a transform function, to S3."""

from collections.abc import Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.bucket import Bucket
from .._blocks.function import Function
from .._blocks.service_role import ServiceRole
from .lake_table import LakeTable
from .schema import PARTITION, TelemetrySchema

ERRORS = "errors/"
"""Prefix of records that cannot be delivered, with a folder for each type of error."""
_ERRORS = f"{ERRORS}!{{firehose:error-output-type}}/day=!{{timestamp:yyyy-MM-dd}}/"
_PARTITIONED_MIB = 64
"""Minimum buffer size of a delivery stream with dynamic partitioning."""


class DeliveryStream:
    """A delivery stream with its role and log. Adds no level to the URN.

    Args:
        name: name of the component.
        parent: the component.
        stream_arn: ARN of the Kinesis stream to read; None for Direct PUT.
        transform: function that transforms the records.
        schema: schema of the records.
        table: table of the records.
        lake: bucket of records and errors.
        format: see `LakeTable`.
        buffer_seconds: buffering interval.
        log_retention_days: retention of its log.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        stream_arn: Optional[pulumi.Output[str]],
        transform: Function,
        schema: TelemetrySchema,
        table: LakeTable,
        lake: Bucket,
        format: str,
        buffer_seconds: int,
        log_retention_days: int,
    ) -> None:
        self._name, self._stream_arn, self._transform = name, stream_arn, transform
        self._schema, self._table, self._lake = schema, table, lake
        self._format, self._buffer_seconds = format, buffer_seconds
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._create_log(log_retention_days)
        self._role = ServiceRole(
            f"{name}-delivery", "firehose.amazonaws.com", self._statements(), parent=parent
        )
        self.stream = self._create_stream()
        self.arn, self.stream_name = self.stream.arn, self.stream.name

    def _create_log(self, retention_days: int) -> None:
        self._log_group = aws.cloudwatch.LogGroup(
            f"{self._name}-delivery-logs", retention_in_days=retention_days, opts=self._opts
        )
        self._log_stream = aws.cloudwatch.LogStream(
            f"{self._name}-delivery-log",
            name="delivery",
            log_group_name=self._log_group.name,
            opts=self._opts,
        )

    def _statements(self) -> Sequence[StatementArgs]:
        """https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html"""
        function = self._transform.arn
        objects = [
            *("s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"),
            "s3:ListBucketMultipartUploads",
        ]
        statements = [
            allow(
                ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"],
                function,
                pulumi.Output.concat(function, ":*"),
            ),
            allow(objects, self._lake.arn, pulumi.Output.concat(self._lake.arn, "/*")),
            allow(["s3:GetBucketLocation", "s3:ListBucket"], self._lake.arn),
            allow(["logs:PutLogEvents"], pulumi.Output.concat(self._log_group.arn, ":*")),
        ]
        if self._stream_arn is not None:
            read = [
                *("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords"),
                "kinesis:ListShards",
            ]
            statements.append(allow(read, self._stream_arn))
        if self._format != "json":
            statements.append(self._table.grant_describe())
        return statements

    def _create_stream(self) -> aws.kinesis.FirehoseDeliveryStream:
        direct = self._stream_arn is None
        return aws.kinesis.FirehoseDeliveryStream(
            f"{self._name}-delivery",
            destination="extended_s3",
            kinesis_source_configuration={
                "kinesis_stream_arn": self._stream_arn,
                "role_arn": self._role.arn,
            }
            if self._stream_arn is not None
            else None,
            # With a Kinesis stream, the delivery stream uses the encryption of that stream.
            server_side_encryption={"enabled": True} if direct else None,
            extended_s3_configuration=self._to_s3(),
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[self._role.policy])
            ),
        )

    def _to_s3(self) -> aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgsDict:
        parquet = self._format == "parquet"
        return {
            "bucket_arn": self._lake.arn,
            "role_arn": self._role.arn,
            "prefix": f"{self._schema.table}/{PARTITION}=!{{partitionKeyFromLambda:{PARTITION}}}/",
            "error_output_prefix": _ERRORS,
            "buffering_interval": self._buffer_seconds,
            "buffering_size": 128 if parquet else _PARTITIONED_MIB,
            "compression_format": "UNCOMPRESSED" if parquet else "GZIP",
            "dynamic_partitioning_configuration": {"enabled": True},
            "processing_configuration": {"enabled": True, "processors": [self._processor()]},
            "data_format_conversion_configuration": self._conversion() if parquet else None,
            "cloudwatch_logging_options": {
                "enabled": True,
                "log_group_name": self._log_group.name,
                "log_stream_name": self._log_stream.name,
            },
        }

    def _processor(self) -> Any:
        """The transform function, with Firehose's defaults: 1 MB, 60 seconds and 3 retries.

        The response is several times larger than the records, and limited to 6 MB. Parameters that
        are equal to their defaults would show a difference at each preview: see docs/drift.md.
        """
        function = pulumi.Output.concat(self._transform.arn, ":$LATEST")
        return {
            "type": "Lambda",
            "parameters": [{"parameter_name": "LambdaArn", "parameter_value": function}],
        }

    def _conversion(
        self,
    ) -> aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationDataFormatConversionConfigurationArgsDict:  # noqa: E501
        return {
            "input_format_configuration": {"deserializer": {"open_x_json_ser_de": {}}},
            "output_format_configuration": {
                "serializer": {"parquet_ser_de": {"compression": "SNAPPY"}}
            },
            "schema_configuration": {
                "database_name": self._table.database.name,
                "table_name": self._table.table.name,
                "role_arn": self._role.arn,
            },
        }
