"""PartiQL with least privilege, and its writes in the stream."""

import pytest

from tests.emulator.cloud import allow

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/things"
CALL = """
import boto3
def handler(event, context):
    return boto3.client("dynamodb").batch_execute_statement(Statements=event)["Responses"]
"""
MARK = "UPDATE things SET sent=? REMOVE pending WHERE id=? AND attribute_exists(pending)"


def marks(*ids):
    return [{"Statement": MARK, "Parameters": [{"S": "now"}, {"S": each}]} for each in ids]


def prepared(cloud, *actions, resource=TABLE):
    """Create pending items `a` and `b` and function `f` with permissions. Return the table."""
    cloud.table()
    dynamodb = cloud.client("dynamodb")
    for each in "ab":
        item = {"id": {"S": each}, "pending": {"S": "1"}}
        dynamodb.put_item(TableName="things", Item=item)
    cloud.function("f", CALL, allow(list(actions), resource))
    return dynamodb


def test_the_update_permission_is_enough(cloud):
    dynamodb = prepared(cloud, "dynamodb:PartiQLUpdate")
    answers = cloud.invoke("f", marks("a", "missing", "b"))
    assert [answer.get("Error", {}).get("Code") for answer in answers] == [
        None, "ConditionalCheckFailed", None,
    ]  # fmt: skip
    items = dynamodb.scan(TableName="things")["Items"]
    assert [item.get("pending") for item in items] == [None, None]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:PartiQLSelect", TABLE),
        ("dynamodb:PartiQLUpdate", TABLE + "-other"),
        ("dynamodb:BatchExecuteStatement", "*"),
        ("dynamodb:UpdateItem", TABLE),
    ],
)
def test_other_permissions_are_not_enough(cloud, action, resource):
    dynamodb = prepared(cloud, action, resource=resource)
    error = cloud.invoke("f", marks("a"))
    assert "dynamodb:PartiQLUpdate" in error["errorMessage"]
    assert "sent" not in dynamodb.get_item(TableName="things", Key={"id": {"S": "a"}})["Item"]


def test_writes_reach_the_stream(cloud):
    dynamodb = prepared(cloud, "dynamodb:PartiQLUpdate")
    statements = [
        "INSERT INTO things VALUE {'id': 'c'}",
        "UPDATE things SET x=1 WHERE id='c'",
        "UPDATE things SET x=1 WHERE id='c'",
        "DELETE FROM things WHERE id='c'",
        "DELETE FROM things WHERE id='missing'",
    ]
    for statement in statements:
        dynamodb.execute_statement(Statement=statement)
    assert records(cloud)[2:] == ["INSERT", "MODIFY", "REMOVE"]


def records(cloud):
    """Return the event names in the stream of `things`."""
    streams = cloud.client("dynamodbstreams")
    [stream] = streams.list_streams(TableName="things")["Streams"]
    [shard] = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream["StreamArn"],
        ShardId=shard["ShardId"],
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    found = streams.get_records(ShardIterator=iterator)["Records"]
    return [record["eventName"] for record in found]


def test_stock_requires_an_action_that_does_not_exist(stock):
    prepared(stock, "dynamodb:PartiQLUpdate")
    error = stock.invoke("f", marks("a"))
    assert "perform: dynamodb:BatchExecuteStatement" in error["errorMessage"]


def test_stock_writes_no_stream_record(stock):
    prepared(stock, "dynamodb:PartiQLUpdate")
    stock.client("dynamodb").execute_statement(Statement="UPDATE things SET x=1 WHERE id='a'")
    assert records(stock) == ["INSERT", "INSERT"]
