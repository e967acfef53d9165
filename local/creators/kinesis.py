"""Kinesis streams, and Data Firehose, which Pulumi has here too."""

import time
from typing import Any

from local.engine.context import Context
from local.engine.registry import REFUSED, Call, Created, Inputs, creates


@creates(
    "aws:kinesis/stream:Stream",
    update=REFUSED,
    delete=Call("kinesis", "delete_stream", StreamName="name"),
)
def stream(context: Context, inputs: Inputs) -> Created:
    """A stream, on-demand or with a number of shards. Waits until it is active."""
    name = context.named(inputs, limit=128)
    client = context.client("kinesis")
    own = ("name", "encryptionType", "kmsKeyId", "retentionPeriod")
    context.call("kinesis", "create_stream", inputs, handled=own, StreamName=name)
    while _status(client, name) != "ACTIVE":
        time.sleep(0.02)
    if inputs.get("retentionPeriod", 24) > 24:
        hours = {"RetentionPeriodHours": int(inputs["retentionPeriod"])}
        client.increase_stream_retention_period(StreamName=name, **hours)
    if inputs.get("encryptionType") == "KMS":
        client.start_stream_encryption(
            StreamName=name, EncryptionType="KMS", KeyId=inputs["kmsKeyId"]
        )
    arn = context.arn("kinesis", f"stream/{name}")
    return arn, {"name": name, "arn": arn}


def _status(client: Any, name: str) -> str:
    found = client.describe_stream_summary(StreamName=name)
    return str(found["StreamDescriptionSummary"]["StreamStatus"])


@creates(
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
    delete=Call("firehose", "delete_delivery_stream", DeliveryStreamName="name"),
)
def delivery_stream(context: Context, inputs: Inputs) -> Created:
    """A delivery stream to S3, with a stream or Direct PUT as its source."""
    name = context.named(inputs, limit=64)
    source = "KinesisStreamAsSource" if "kinesisSourceConfiguration" in inputs else "DirectPut"
    rename = {
        "kinesisSourceConfiguration": "KinesisStreamSourceConfiguration",
        "extendedS3Configuration": "ExtendedS3DestinationConfiguration",
        "icebergConfiguration": "IcebergDestinationConfiguration",
        "serverSideEncryption": "DeliveryStreamEncryptionConfigurationInput",
    }
    wanted = {**inputs, "extendedS3Configuration": _hints(inputs.get("extendedS3Configuration"))}
    wanted["serverSideEncryption"] = _encryption(inputs.get("serverSideEncryption", {}))
    context.call(
        "firehose",
        "create_delivery_stream",
        wanted,
        rename,
        ("name", "destination"),
        DeliveryStreamName=name,
        DeliveryStreamType=source,
    )
    arn = context.arn("firehose", f"deliverystream/{name}")
    return arn, {"name": name, "arn": arn, "destinationId": "destinationId-000000000001"}


def _hints(destination: Inputs | None) -> Inputs | None:
    """Returns the destination with `BufferingHints`, which are two arguments in the provider."""
    if destination is None:
        return None
    hints = {
        "sizeInMbs": destination.get("bufferingSize", 5),
        "intervalInSeconds": destination.get("bufferingInterval", 300),
    }
    rest = {
        key: value
        for key, value in destination.items()
        if key not in ("bufferingSize", "bufferingInterval")
    }
    return {**rest, "bufferingHints": hints}


def _encryption(wanted: Inputs) -> Inputs | None:
    if not wanted.get("enabled"):
        return None
    return {"keyType": wanted.get("keyType", "AWS_OWNED_CMK")}
