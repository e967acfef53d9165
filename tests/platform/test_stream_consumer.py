"""A stream consumer with IAM: a poison record is isolated, stored and recovered."""

import base64
import json

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.handlers.aws import emulator_environment
from tools.recover.__main__ import main

CODE = """
import base64, json, os
def handler(event, context):
    read = [base64.b64decode(each["kinesis"]["data"]).decode() for each in event["Records"]]
    print(json.dumps(read))
    if not os.environ.get("TAKES_POISON") and "poison" in read:
        raise ValueError("cannot read a record")
"""
SOURCE = """
import sys

import pulumi_aws as aws

from components import StreamConsumer

stream = aws.kinesis.Stream("readings", shard_count=2)
made = StreamConsumer(
    "alerting",
    {
        "stream_arn": stream.arn,
        "code": "%s",
        "max_retry_attempts": 2,
        "functions": {"python": f"{sys.version_info.major}.{sys.version_info.minor}"},
        "retain_data": False,
    },
)
pulumi.export("stream", stream.name)
pulumi.export("function", made.function_name)
pulumi.export("bucket", made.failures_bucket_name)
"""
GOOD = [f"good-{number}" for number in range(40)]


def put(cloud: Cloud, texts: list[str], shard: int) -> None:
    kinesis, name = cloud.client("kinesis"), cloud.outputs["stream"]
    shards = kinesis.describe_stream(StreamName=name)["StreamDescription"]["Shards"]
    start = shards[shard]["HashKeyRange"]["StartingHashKey"]
    records = [
        {"Data": text.encode(), "PartitionKey": text, "ExplicitHashKey": start} for text in texts
    ]
    assert kinesis.put_records(StreamName=name, Records=records)["FailedRecordCount"] == 0


def batches(cloud: Cloud) -> list[list[str]]:
    """Return the records of each invocation of the function."""
    lines = map(json.loads, cloud.function_logs.read_text().splitlines())
    mine = [each["line"] for each in lines if each["function"] == cloud.outputs["function"]]
    return [json.loads(line) for line in mine if line.startswith('["')]


def handled(cloud: Cloud) -> list[str]:
    return [text for batch in batches(cloud) if "poison" not in batch for text in batch]


def kept(cloud: Cloud) -> list[dict]:
    s3, bucket = cloud.client("s3"), cloud.outputs["bucket"]
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return [
        json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()) for each in found
    ]


@pytest.fixture
def consumer(deploy, project, monkeypatch) -> Cloud:
    (project / "code").mkdir()
    (project / "code" / "app.py").write_text(CODE)
    cloud = deploy(SOURCE % str(project / "code"))
    for name, value in emulator_environment(cloud.emulator).items():
        monkeypatch.setenv(name, value)
    return cloud


def test_a_poison_record_delays_nothing_and_is_recovered(consumer: Cloud, capsys):
    put(consumer, [*GOOD[:10], "poison", *GOOD[10:20]], shard=0)
    put(consumer, GOOD[20:], shard=1)
    until(lambda: set(handled(consumer)) == set(GOOD), 60)
    [failure] = until(lambda: kept(consumer), 30)

    # Isolated, tried three times and discarded. Its neighbors were handled once.
    assert batches(consumer).count(["poison"]) == 3
    assert sorted(handled(consumer)) == sorted(GOOD)
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    [record] = json.loads(failure["payload"])["Records"]
    assert base64.b64decode(record["kinesis"]["data"]) == b"poison"

    command = [
        "stream",
        "--bucket",
        consumer.outputs["bucket"],
        "--function",
        consumer.outputs["function"],
    ]
    assert main([*command, "--dry-run"]) == 0
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert out == (
        "failures bucket: objects waiting: 1\nfailures bucket: objects recovered: 0 of 1\n"
    )
    assert "the function failed" in err
    assert len(kept(consumer)) == 1

    consumer.client("lambda").update_function_configuration(
        FunctionName=consumer.outputs["function"], Environment={"Variables": {"TAKES_POISON": "1"}}
    )
    assert main(command) == 0
    assert capsys.readouterr().out == "failures bucket: objects recovered: 1 of 1\n"
    assert kept(consumer) == []
    assert batches(consumer)[-1] == ["poison"]


def test_an_unreachable_bucket_is_reported_in_one_line(consumer: Cloud, capsys):
    assert main(["stream", "--bucket", "no-such-bucket", "--function", "none"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("recover: ") and "NoSuchBucket" in line
