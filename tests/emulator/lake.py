"""Helpers that create roles, delivery streams and tables for tests of patches."""

import gzip
import json

from tests.emulator.cloud import allow, until


class Lake:
    """A bucket, and the delivery streams that write to it."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.s3 = cloud.client("s3")
        self.s3.create_bucket(Bucket="lake")

    def delivery(self, *, function=None, source=None, actions=("s3:*", "lambda:*"), **settings):
        """Create a delivery stream `d` to the bucket. Its buffering interval is 2 s here."""
        role = self.cloud.role("delivery", *[allow(action) for action in actions])
        destination = {
            "RoleARN": role,
            "BucketARN": "arn:aws:s3:::lake",
            "Prefix": "data/!{timestamp:yyyy}/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
            **settings,
        }
        if function:
            parameters = {"LambdaArn": function, "NumberOfRetries": "1"}
            destination["ProcessingConfiguration"] = {
                "Enabled": True,
                "Processors": [
                    {
                        "Type": "Lambda",
                        "Parameters": [
                            {"ParameterName": key, "ParameterValue": value}
                            for key, value in parameters.items()
                        ],
                    }
                ],
            }
        more = {"DeliveryStreamType": "DirectPut"}
        if source:
            more = {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {"KinesisStreamARN": source, "RoleARN": role},
            }
        self.cloud.client("firehose").create_delivery_stream(
            DeliveryStreamName="d", ExtendedS3DestinationConfiguration=destination, **more
        )

    def put(self, *records):
        self.cloud.client("firehose").put_record_batch(
            DeliveryStreamName="d", Records=[{"Data": each} for each in records]
        )

    def stream(self, name="s"):
        kinesis = self.cloud.client("kinesis")
        kinesis.create_stream(StreamName=name, ShardCount=1)
        until(
            lambda: (
                kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"][
                    "StreamStatus"
                ]
                == "ACTIVE"
            )
        )
        return f"arn:aws:kinesis:us-east-1:000000000000:stream/{name}"

    def objects(self, prefix=""):
        """Return the decompressed objects by key."""
        listed = self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])
        return {each["Key"]: self._read(each["Key"]) for each in listed}

    def _read(self, key):
        body = self.s3.get_object(Bucket="lake", Key=key)["Body"].read()
        return gzip.decompress(body) if key.endswith(".gz") else body

    def errors(self):
        lines = [line for body in self.objects("errors/").values() for line in body.splitlines()]
        return [json.loads(line) for line in lines]
