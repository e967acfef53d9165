"""Event source mappings of DynamoDB streams: batches, retries, bisecting, partial failures."""

import itertools
import json
import re
import time

import pytest

from tests.emulator.cloud import allow, until

STREAM = allow(
    [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ]
)
KEEP_FAILURES = allow(["s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "sqs:GetQueueUrl"])

WORKER = """
import json
def handler(event, context):
    ids = [record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]]
    print(json.dumps(ids))
    if any(each.startswith("bad") for each in ids):
        raise ValueError("bad one")
"""

PARTIAL = """
import json
def handler(event, context):
    numbers = {}
    for record in event["Records"]:
        numbers[record["dynamodb"]["Keys"]["id"]["S"]] = record["dynamodb"]["SequenceNumber"]
    print(json.dumps(list(numbers)))
    bad = [number for each, number in numbers.items() if each.startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in reversed(bad)]}
"""


def mapped(cloud, source=WORKER, **settings):
    """Create a table and a function `worker` that reads its stream from the start."""
    stream = cloud.table()
    cloud.function("worker", source, STREAM, KEEP_FAILURES)
    return cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=stream,
        FunctionName="worker",
        StartingPosition="TRIM_HORIZON",
        **settings,
    )["UUID"]


def batches(cloud, function="worker"):
    """Return the IDs of each invocation so far."""
    return [json.loads(line) for line in cloud.printed(function) if line.startswith('["')]


def ids(batches):
    return list(itertools.chain.from_iterable(batches))


def settled(cloud, last="end", begun=True):
    """Put another record while the first are handled, wait for it and return all batches."""
    if begun:
        until(lambda: batches(cloud))
    cloud.put(last)
    until(lambda: any(last == batch[-1] for batch in batches(cloud)))
    return batches(cloud)


def bucket(cloud):
    cloud.client("s3").create_bucket(Bucket="failures")
    return {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}}}


def failures(cloud):
    """Return keys and parsed bodies of the discarded records."""
    s3 = cloud.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="failures").get("Contents", [])]
    bodies = [json.loads(s3.get_object(Bucket="failures", Key=key)["Body"].read()) for key in keys]
    return list(zip(keys, bodies, strict=True))


def test_a_put_is_handled_immediately(cloud):
    mapped(cloud)
    cloud.put("warm")
    until(lambda: batches(cloud))
    started = time.monotonic()
    cloud.put("timed")
    until(lambda: ["timed"] in batches(cloud))
    assert time.monotonic() - started < 0.2


def test_records_arrive_in_order_and_in_batches(cloud):
    stream = cloud.table()
    cloud.put(*map(str, range(25)))
    cloud.function("worker", WORKER, STREAM)
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName="worker", StartingPosition="TRIM_HORIZON", BatchSize=10
    )
    until(lambda: len(batches(cloud)) == 3)
    assert [len(batch) for batch in batches(cloud)] == [10, 10, 5]
    assert ids(batches(cloud)) == list(map(str, range(25)))


def test_latest_skips_older_records(cloud):
    stream = cloud.table()
    cloud.put("old")
    cloud.function("worker", WORKER, STREAM)
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName="worker", StartingPosition="LATEST"
    )
    assert settled(cloud, begun=False) == [["end"]]


def test_only_records_that_match_the_filter(cloud):
    pattern = json.dumps({"eventName": ["INSERT"]})
    mapped(cloud, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    table = cloud.client("dynamodb")
    cloud.put("a")
    table.put_item(TableName="things", Item={"id": {"S": "a"}, "x": {"N": "1"}})
    table.delete_item(TableName="things", Key={"id": {"S": "a"}})
    assert ids(settled(cloud)) == ["a", "end"]


def test_a_window_gathers_records(cloud):
    mapped(cloud, MaximumBatchingWindowInSeconds=1)
    for each in "abc":
        cloud.put(each)
        time.sleep(0.1)
    assert until(lambda: batches(cloud)) == [["a", "b", "c"]]


def test_bisecting_isolates_the_bad_record(cloud):
    mapping = mapped(
        cloud, MaximumRetryAttempts=2, BisectBatchOnFunctionError=True, Enabled=False,
        **bucket(cloud),
    )  # fmt: skip
    cloud.put("a", "b", "bad", "c")
    cloud.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    assert settled(cloud) == [
        ["a", "b", "bad", "c"],
        ["a", "b"],
        ["bad", "c"],
        ["bad"], ["bad"], ["bad"],
        ["c"],
        ["end"],
    ]  # fmt: skip
    [(key, body)] = failures(cloud)
    assert re.fullmatch(
        rf"aws/lambda/{mapping}/shardId-[-0-9]+/(\d{{4}}/\d\d/\d\d)/"
        r"\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[-0-9a-f]{36}",
        key,
    )
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert body["requestContext"]["approximateInvokeCount"] == 3
    assert body["DDBStreamBatchInfo"]["batchSize"] == 1
    [record] = json.loads(body["payload"])["Records"]
    assert record["dynamodb"]["NewImage"] == {"id": {"S": "bad"}}
    assert record["eventSourceARN"] == body["DDBStreamBatchInfo"]["streamArn"]


def test_without_bisecting_the_whole_batch_is_discarded(cloud):
    mapping = mapped(cloud, MaximumRetryAttempts=1, Enabled=False, **bucket(cloud))
    cloud.put("a", "bad")
    cloud.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    assert settled(cloud) == [["a", "bad"], ["a", "bad"], ["end"]]
    [(_key, body)] = failures(cloud)
    assert len(json.loads(body["payload"])["Records"]) == 2


def test_a_partial_failure_resumes_from_the_lowest_failed_record(cloud):
    mapping = mapped(
        cloud, PARTIAL, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, Enabled=False,
        FunctionResponseTypes=["ReportBatchItemFailures"], **bucket(cloud),
    )  # fmt: skip
    cloud.put("a", "b", "bad1", "c", "bad2")
    cloud.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    assert settled(cloud) == [
        ["a", "b", "bad1", "c", "bad2"],
        ["bad1", "c", "bad2"],
        ["bad1"], ["bad1"],
        ["c", "bad2"],
        ["bad2"], ["bad2"],
        ["end"],
    ]  # fmt: skip
    assert len(failures(cloud)) == 2


@pytest.mark.parametrize("answer", ["{'batchItemFailures': [{'itemIdentifier': ''}]}", "'odd'"])
def test_an_invalid_answer_fails_the_batch(cloud, answer):
    source = PARTIAL.replace("return {", f"return {answer} if bad else {{")
    mapped(
        cloud, source, MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )  # fmt: skip
    cloud.put("bad")
    assert settled(cloud) == [["bad"], ["bad"], ["end"]]


def test_records_that_are_too_old_are_discarded(cloud):
    mapped(cloud, MaximumRecordAgeInSeconds=60, **bucket(cloud))
    settled(cloud, "first", begun=False)
    lambda_ = cloud.client("lambda")
    [mapping] = lambda_.list_event_source_mappings()["EventSourceMappings"]
    # A real mapping has at least 60 s; the emulator accepts any number in an update.
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], MaximumRecordAgeInSeconds=1)
    cloud.put("bad")
    until(lambda: failures(cloud))
    [(_key, body)] = failures(cloud)
    assert body["requestContext"]["condition"] == "RecordAgeExceeded"
    assert settled(cloud)[-1] == ["end"]


def test_a_queue_as_destination_receives_only_metadata(cloud):
    url, arn = cloud.queue("given-up")
    destination = {"DestinationConfig": {"OnFailure": {"Destination": arn}}}
    mapped(cloud, MaximumRetryAttempts=0, **destination)
    cloud.put("bad")
    [body] = until(lambda: cloud.received(url))
    assert body["DDBStreamBatchInfo"]["batchSize"] == 1
    assert "payload" not in body


def test_a_role_without_permission_to_write_stores_no_failures(cloud):
    stream = cloud.table()
    cloud.function("worker", WORKER, STREAM)
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName="worker", StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0, **bucket(cloud),
    )  # fmt: skip
    cloud.put("bad")
    settled(cloud)
    assert failures(cloud) == []
    assert "are lost: An error occurred (AccessDenied)" in cloud.emulator.server_log.read_text()


def test_a_failing_stream_does_not_delay_others(cloud):
    mapped(cloud)  # retries forever
    cloud.put("bad")
    other = cloud.table("others")
    cloud.function("second", WORKER, STREAM)
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=other, FunctionName="second", StartingPosition="TRIM_HORIZON"
    )
    cloud.put("good", table="others")
    until(lambda: batches(cloud, "second") == [["good"]], 2)


def test_a_deleted_mapping_stops(cloud):
    mapping = mapped(cloud)
    cloud.put("bad")
    until(lambda: batches(cloud))
    cloud.client("lambda").delete_event_source_mapping(UUID=mapping)
    time.sleep(0.6)  # longer than the longest pause between attempts
    count = len(batches(cloud))
    time.sleep(0.6)
    assert len(batches(cloud)) == count


def test_a_thousand_records_are_all_handled(cloud):
    mapped(cloud)
    cloud.put(*map(str, range(1000)))
    assert ids(settled(cloud, "1000")) == list(map(str, range(1001)))


def test_stock_retries_forever_and_loses_partial_failures(stock):
    mapped(
        stock, PARTIAL, MaximumRetryAttempts=0,
        FunctionResponseTypes=["ReportBatchItemFailures"], **bucket(stock),
    )  # fmt: skip
    stock.put("bad")
    assert settled(stock) == [["bad"], ["end"]]
    assert failures(stock) == []
