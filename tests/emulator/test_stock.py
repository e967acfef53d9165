"""Behavior of unpatched ministack that these systems need, to detect changes in upgrades."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import allow, until

ORDERS = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
OUTBOX = "arn:aws:dynamodb:us-east-1:000000000000:table/outbox"
CALL = """
import boto3, json
def handler(event, context):
    client = boto3.client(event.pop("service", "dynamodb"))
    try:
        answer = getattr(client, event.pop("call"))(**event)
    except Exception as error:
        answer = error.response
    return json.loads(json.dumps(answer, default=str))
"""


def called(cloud, call, **arguments):
    """Return the answer or error of a call that function `f` makes with its role."""
    return cloud.invoke("f", {"call": call, **arguments})


def orders(cloud, *statements):
    """Create tables `orders` and `outbox` and function `f` with these permissions."""
    cloud.table("orders", stream=False)
    cloud.client("dynamodb").create_table(
        TableName="outbox",
        KeySchema=[
            {"AttributeName": "aggregateId", "KeyType": "HASH"},
            {"AttributeName": "sequence", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "aggregateId", "AttributeType": "S"},
            {"AttributeName": "sequence", "AttributeType": "N"},
            {"AttributeName": "pending", "AttributeType": "S"},
            {"AttributeName": "createdAt", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "pending",
                "KeySchema": [
                    {"AttributeName": "pending", "KeyType": "HASH"},
                    {"AttributeName": "createdAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    cloud.function("f", CALL, *statements)


def row(order, sequence="1"):
    return {
        "aggregateId": {"S": order},
        "sequence": {"N": sequence},
        "pending": {"S": "3"},
        "createdAt": {"S": "2026-01-01"},
    }


def placing(order, condition="attribute_not_exists(aggregateId)"):
    """Return the items of a transaction that writes an order and its outbox row."""
    return [
        {
            "Put": {
                "TableName": "orders",
                "Item": {"id": {"S": order}},
                "ConditionExpression": "attribute_not_exists(id)",
            }
        },
        {"Put": {"TableName": "outbox", "Item": row(order), "ConditionExpression": condition}},
    ]


def counts(cloud):
    scan = cloud.client("dynamodb").scan
    return scan(TableName="orders")["Count"], scan(TableName="outbox")["Count"]


def test_a_transaction_needs_the_permission_for_each_item(cloud):
    orders(cloud, allow("dynamodb:PutItem", ORDERS))
    refused = called(cloud, "transact_write_items", TransactItems=placing("a"))
    assert refused["Error"]["Code"] == "AccessDeniedException"
    assert counts(cloud) == (0, 0)


def test_a_transaction_is_all_or_nothing(cloud):
    orders(cloud, allow("dynamodb:PutItem", [ORDERS, OUTBOX]))
    failing = placing("a", condition="attribute_exists(aggregateId)")
    cancelled = called(cloud, "transact_write_items", TransactItems=failing)
    assert cancelled["Error"]["Code"] == "TransactionCanceledException"
    reasons = [reason["Code"] for reason in cancelled["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed"]
    assert counts(cloud) == (0, 0)


def test_a_client_request_token_writes_once(cloud):
    orders(cloud, allow("dynamodb:PutItem", [ORDERS, OUTBOX]))
    for _ in range(2):
        answer = called(
            cloud, "transact_write_items", TransactItems=placing("a"), ClientRequestToken="t"
        )
        assert "Error" not in answer
    other = called(
        cloud, "transact_write_items", TransactItems=placing("b"), ClientRequestToken="t"
    )
    assert other["Error"]["Code"] == "IdempotentParameterMismatchException"
    assert counts(cloud) == (1, 1)


def test_an_item_without_the_key_leaves_the_sparse_index(cloud):
    orders(cloud, allow("dynamodb:Query", f"{OUTBOX}/index/pending"))
    dynamodb = cloud.client("dynamodb")
    for order in "abc":
        dynamodb.put_item(TableName="outbox", Item=row(order))
    key = {"aggregateId": {"S": "a"}, "sequence": {"N": "1"}}
    dynamodb.update_item(TableName="outbox", Key=key, UpdateExpression="REMOVE pending")
    dynamodb.execute_statement(
        Statement="UPDATE outbox REMOVE pending WHERE aggregateId='b' AND \"sequence\"=1"
    )
    question = {
        "TableName": "outbox",
        "KeyConditionExpression": "pending = :p AND createdAt < :t",
        "ExpressionAttributeValues": {":p": {"S": "3"}, ":t": {"S": "2027"}},
    }
    found = called(cloud, "query", IndexName="pending", **question)
    assert found["Items"] == [row("c")]
    whole = called(cloud, "query", **question)
    assert whole["Error"]["Code"] == "AccessDeniedException"


@pytest.mark.parametrize(("resource", "error"), [(OUTBOX, None), (ORDERS, "AccessDeniedException")])
def test_batch_get_needs_its_permission(cloud, resource, error):
    orders(cloud, allow("dynamodb:BatchGetItem", resource))
    cloud.client("dynamodb").put_item(TableName="outbox", Item=row("a"))
    keys = [{"aggregateId": {"S": "a"}, "sequence": {"N": number}} for number in "12"]
    answer = called(cloud, "batch_get_item", RequestItems={"outbox": {"Keys": keys}})
    assert answer.get("Error", {}).get("Code") == error
    assert error or answer["Responses"] == {"outbox": [row("a")]}


CONSUMER = """
import json
def handler(event, context):
    print(json.dumps([record["body"] for record in event["Records"]]))
    bad = [r["messageId"] for r in event["Records"] if r["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}
"""


def test_a_queue_mapping_retries_only_what_failed_and_then_moves_it(cloud):
    dead_url, dead = cloud.queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    url, arn = cloud.queue("q", VisibilityTimeout="4", RedrivePolicy=redrive)
    rights = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    cloud.function("f", CONSUMER, allow(rights, arn), Timeout=1)
    sqs = cloud.client("sqs")
    for body in ("good", "bad", "fine"):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body).strip('"'))
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName="f",
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    messages = until(lambda: sqs.receive_message(QueueUrl=dead_url).get("Messages"))
    assert [message["Body"] for message in messages] == ["bad"]
    handled = [body for line in cloud.printed("f") for body in json.loads(line)]
    assert sorted(handled) == ["bad", "bad", "fine", "good"]


def test_queue_encryption_is_stored(cloud):
    url, _ = cloud.queue("q", SqsManagedSseEnabled="true")
    kept = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert kept["Attributes"]["SqsManagedSseEnabled"] == "true"


@pytest.mark.parametrize("right", ["s3:PutObject", "s3:GetObject"])
def test_a_bucket_enforces_the_permissions_of_the_role(cloud, right):
    cloud.client("s3").create_bucket(Bucket="failures")
    cloud.function("f", CALL, allow(right, "arn:aws:s3:::failures/parked/*"))
    put = {"service": "s3", "Bucket": "failures", "Body": "{}"}
    inside = called(cloud, "put_object", Key="parked/1", **put)
    outside = called(cloud, "put_object", Key="other/1", **put)
    assert ("Error" in inside) == (right == "s3:GetObject")
    assert outside["Error"]["Code"] == "AccessDenied"


def test_a_missing_table_is_reported(cloud):
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cloud.client("dynamodb").get_item(TableName="no", Key={"id": {"S": "a"}})


def test_events_need_the_permission_for_their_bus(cloud):
    events = cloud.client("events")
    for bus in ("orders", "other"):
        events.create_event_bus(Name=bus)
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/orders"
    cloud.function("f", CALL, allow("events:PutEvents", bus))
    entry = {"Source": "shop", "DetailType": "x", "Detail": "{}"}
    for name, refused in (("orders", False), ("other", True)):
        entries = [{**entry, "EventBusName": name}]
        answer = called(cloud, "put_events", service="events", Entries=entries)
        assert ("Error" in answer) == refused
