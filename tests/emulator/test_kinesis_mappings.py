"""Event source mappings of Kinesis streams: separate shards, order, discarded records."""

import base64
import itertools
import json
import re

from tests.emulator.cloud import allow, until

READ = allow(
    [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ]
)
KEEP_FAILURES = allow(["s3:PutObject", "s3:ListBucket"])
WORKER = """
import base64, json
def handler(event, context):
    read = [base64.b64decode(each["kinesis"]["data"]).decode() for each in event["Records"]]
    print(json.dumps(read))
    if any(each.startswith("bad") for each in read):
        raise ValueError("bad one")
"""
PARTIAL = """
import base64, json
def handler(event, context):
    read = [base64.b64decode(each["kinesis"]["data"]).decode() for each in event["Records"]]
    print(json.dumps(read))
    for text, record in zip(read, event["Records"]):
        if text.startswith("bad"):
            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
"""


class Stream:
    """Stream `s` and function `worker`, mapped by `read`."""

    def __init__(self, cloud, source=WORKER, shards=1):
        self._cloud = cloud
        self._kinesis = cloud.client("kinesis")
        self._kinesis.create_stream(StreamName="s", ShardCount=shards)
        about = self._kinesis.describe_stream(StreamName="s")["StreamDescription"]
        self.arn = about["StreamARN"]
        self.shards = [each["ShardId"] for each in about["Shards"]]
        self._starts = [each["HashKeyRange"]["StartingHashKey"] for each in about["Shards"]]
        cloud.client("s3").create_bucket(Bucket="failures")
        cloud.function("worker", source, READ, KEEP_FAILURES)

    def read(self, **settings):
        return self._cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=self.arn,
            FunctionName="worker",
            DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failures"}},
            **{"StartingPosition": "TRIM_HORIZON", **settings},
        )["UUID"]

    def put(self, *texts, shard=0):
        for text in texts:
            self._kinesis.put_record(
                StreamName="s",
                Data=text.encode(),
                PartitionKey=text,
                ExplicitHashKey=self._starts[shard],
            )

    def batches(self, last="end", count=1):
        """Wait for `count` invocations and one that ends with `last`, and return all events."""

        def found():
            lines = self._cloud.printed("worker")
            return [json.loads(line) for line in lines if line.startswith('["')]

        until(lambda: len(found()) >= count and any(last == each[-1] for each in found()))
        return found()

    def failures(self):
        s3 = self._cloud.client("s3")
        for each in s3.list_objects_v2(Bucket="failures").get("Contents", []):
            body = s3.get_object(Bucket="failures", Key=each["Key"])["Body"].read()
            yield each["Key"], json.loads(body)


def test_bisecting_isolates_the_bad_record_and_stores_it_completely(cloud):
    stream = Stream(cloud)
    stream.put("a", "b", "bad", "c", "end")
    mapping = stream.read(MaximumRetryAttempts=2, BisectBatchOnFunctionError=True)
    assert stream.batches(count=7) == [
        ["a", "b", "bad", "c", "end"],
        ["a", "b"],
        ["bad", "c", "end"],
        ["bad"], ["bad"], ["bad"],
        ["c", "end"],
    ]  # fmt: skip
    [(key, body)] = stream.failures()
    assert re.fullmatch(rf"aws/lambda/{mapping}/{stream.shards[0]}/\d{{4}}/\d\d/\d\d/[-\w.]+", key)
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert body["requestContext"]["approximateInvokeCount"] == 3
    info = body["KinesisBatchInfo"]
    assert (info["shardId"], info["batchSize"]) == (stream.shards[0], 1)
    assert info["streamArn"] == stream.arn
    [record] = json.loads(body["payload"])["Records"]
    assert base64.b64decode(record["kinesis"]["data"]) == b"bad"
    assert record["kinesis"]["partitionKey"] == "bad"
    assert record["kinesis"]["sequenceNumber"] == info["startSequenceNumber"]
    assert record["eventID"] == f"{info['shardId']}:{info['startSequenceNumber']}"


def test_a_failing_shard_does_not_delay_others(cloud):
    stream = Stream(cloud, shards=2)
    stream.put("bad", "behind it")
    stream.put("a", "b", "end", shard=1)
    stream.read()  # retries forever
    assert ["a", "b", "end"] in stream.batches()
    assert list(stream.failures()) == []


def test_a_partial_failure_resumes_from_the_failed_record(cloud):
    stream = Stream(cloud, PARTIAL)
    stream.put("a", "bad", "b", "end")
    stream.read(
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert stream.batches(count=5) == [
        ["a", "bad", "b", "end"],
        ["bad", "b", "end"],
        ["bad"], ["bad"],
        ["b", "end"],
    ]  # fmt: skip
    assert len(list(stream.failures())) == 1


def test_latest_skips_older_records(cloud):
    stream = Stream(cloud)
    stream.put("old")
    stream.read(StartingPosition="LATEST")
    stream.put("end")
    assert stream.batches() == [["end"]]


def test_a_thousand_records_are_handled_in_order_and_in_batches(cloud):
    stream = Stream(cloud)
    stream.read()
    texts = [str(number) for number in range(1000)]
    stream.put(*texts)
    batches = stream.batches("999")
    assert list(itertools.chain.from_iterable(batches)) == texts
    assert max(map(len, batches)) <= 100


def test_stock_retries_forever_and_loses_partial_failures(stock):
    stream = Stream(stock, PARTIAL)
    stream.put("bad", "end")
    stream.read(MaximumRetryAttempts=0, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert stream.batches() == [["bad", "end"]]
    stream.put("next")
    assert stream.batches("next") == [["bad", "end"], ["next"]]
    assert list(stream.failures()) == []
