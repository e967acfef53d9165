"""A delivery stream buffers, compresses and partitions records, and stores failed ones."""

import base64
import json

import pytest

from tests.emulator.cloud import until
from tests.emulator.lake import Lake

TRANSFORM = """
import base64

def handler(event, context):
    print(len(event["records"]), event.get("sourceKinesisStreamArn", "direct"))
    if any(base64.b64decode(each["data"]) == b"crash" for each in event["records"]):
        raise ValueError("crash")
    return {"records": [answer for each in event["records"] for answer in answers(each)]}

def answers(record):
    text = base64.b64decode(record["data"]).decode()
    if text == "forget":
        return []
    if text == "twice":
        return [ok(record, text), ok(record, text)]
    if text in ("Dropped", "ProcessingFailed"):
        return [{"recordId": record["recordId"], "result": text}]
    key = record.get("kinesisRecordMetadata", {}).get("partitionKey", "")
    return [ok(record, f"{text}{key};")]

def ok(record, text):
    data = base64.b64encode(text.encode()).decode()
    metadata = {"partitionKeys": {"first": text[0]}}
    return {"recordId": record["recordId"], "result": "Ok", "data": data, "metadata": metadata}
"""


@pytest.fixture
def lake(cloud):
    return Lake(cloud)


def test_records_are_buffered_and_share_an_object(lake):
    lake.delivery(CompressionFormat="GZIP")
    lake.put(b"a", b"b")
    lake.put(b"c")
    found = until(lake.objects)
    assert list(found.values()) == [b"abc"]
    (key,) = found
    assert key.startswith("data/2") and key.endswith(".gz")


def test_a_full_buffer_does_not_wait(lake):
    hints = {"SizeInMBs": 1, "IntervalInSeconds": 900}  # 30 s in the emulator
    lake.delivery(BufferingHints=hints)
    lake.put(b"x" * 600_000, b"y" * 600_000)
    assert [len(body) for body in until(lake.objects).values()] == [1_200_000]


def test_each_result_is_handled_without_delaying_the_others(lake):
    prefix = "data/first=!{partitionKeyFromLambda:first}/!{timestamp:yyyy}/"
    lake.delivery(function=lake.cloud.function("t", TRANSFORM), Prefix=prefix)
    lake.put(b"aa", b"Dropped", b"ProcessingFailed", b"forget", b"b", b"ab")
    found = until(lambda: len(lake.objects("data/")) == 2 and lake.objects("data/"))
    assert {key.split("/")[1]: body for key, body in found.items()} == {
        "first=a": b"aa;ab;",
        "first=b": b"b;",
    }
    errors = until(lambda: len(lake.errors()) == 2 and lake.errors())
    failed = {base64.b64decode(each["rawData"]): each["errorCode"] for each in errors}
    assert failed == {
        b"ProcessingFailed": "Lambda.ProcessingFailedStatus",
        b"forget": "Lambda.MissingRecordId",
    }
    (key,) = lake.objects("errors/")
    assert key.startswith("errors/processing-failed/2")


@pytest.mark.parametrize(
    ("record", "code", "calls"),
    [(b"crash", "Lambda.FunctionError", 2), (b"twice", "Lambda.DuplicatedRecordId", 1)],
)
def test_a_batch_that_the_function_cannot_handle_is_stored_completely(lake, record, code, calls):
    lake.delivery(function=lake.cloud.function("t", TRANSFORM))
    lake.put(b"fine", record)
    failed = until(lake.errors)
    assert {(base64.b64decode(each["rawData"]), each["errorCode"]) for each in failed} == {
        (b"fine", code),
        (record, code),
    }
    assert lake.cloud.printed("t").count("2 direct") == calls
    assert not lake.objects("data/")


def test_a_record_without_its_partition_key_is_an_error(lake):
    lake.delivery(
        function=lake.cloud.function("t", TRANSFORM), Prefix="x/!{partitionKeyFromLambda:no}/"
    )
    lake.put(b"a")
    assert [base64.b64decode(each["rawData"]) for each in until(lake.errors)] == [b"a"]


def test_the_permissions_of_the_role_are_enforced(lake):
    lake.delivery(function=lake.cloud.function("t", TRANSFORM), actions=["s3:PutObject"])
    lake.put(b"a")
    assert [each["errorCode"] for each in until(lake.errors)] == ["Lambda.InvokeAccessDenied"]
    assert lake.cloud.printed("t") == []


def test_the_function_receives_metadata_of_the_kinesis_stream(lake):
    source = lake.stream()
    lake.delivery(
        function=lake.cloud.function("t", TRANSFORM),
        source=source,
        actions=["s3:*", "lambda:*", "kinesis:*"],
    )
    lake.cloud.client("kinesis").put_record(StreamName="s", PartitionKey="k", Data=b"a")
    assert list(until(lambda: lake.objects("data/")).values()) == [b"ak;"]
    assert lake.cloud.printed("t") == [f"1 {source}"]


def test_parquet_has_the_columns_of_the_table_and_invalid_records_are_stored(lake):
    glue = lake.cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": "b"})
    columns = [{"Name": "a", "Type": "int"}, {"Name": "b", "Type": "string"}]
    storage = {"Columns": columns, "Location": "s3://lake/data/"}
    glue.create_table(DatabaseName="b", TableInput={"Name": "t", "StorageDescriptor": storage})
    conversion = {
        "Enabled": True,
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        "SchemaConfiguration": {"DatabaseName": "b", "TableName": "t", "RoleARN": "r"},
    }
    lake.delivery(DataFormatConversionConfiguration=conversion)
    lake.put(b'{"a": 1}\n', b"no json", b'{"a": 2, "b": "x"}\n')
    found = until(lambda: lake.objects("data/"))
    ((key, body),) = found.items()
    assert key.endswith(".parquet") and body.startswith(b"PAR1")
    assert [base64.b64decode(each["rawData"]) for each in until(lake.errors)] == [b"no json"]
    assert [key.split("/")[1] for key in lake.objects("errors/")] == ["format-conversion-failed"]


def test_stock_writes_each_record_alone_and_loses_failed_records(stock):
    lake = Lake(stock)
    lake.delivery(function=stock.function("t", TRANSFORM), CompressionFormat="GZIP")
    lake.put(b"a", b"b", b"ProcessingFailed")
    bodies = until(lambda: len(lake.objects()) == 2 and lake.objects()).values()
    assert sorted(bodies) == [b"a;", b"b;"]
    assert json.dumps(lake.errors()) == "[]"
