"""The orders system on the emulator with IAM: functions, tables, stream and queue."""

import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.cloud import Cloud
from tests.handlers.aws import emulator_environment
from tests.handlers.events import order, proxy, row
from tools.recover import orders as failed_orders
from tools.stack_outputs import System

ORDERS = 200


class Orders:
    """The orders system and its clients."""

    def __init__(self, cloud: Cloud) -> None:
        self.out: dict[str, str] = cloud.outputs["orders"]
        self.cloud = cloud
        self.lambda_ = cloud.client("lambda")
        self.dynamodb = cloud.client("dynamodb")
        self.s3 = cloud.client("s3")

    def place(self, key: str, **changes: Any) -> tuple[int, dict[str, Any]]:
        """Return status and body of the response."""
        answer = self.invoke("placeOrderFunction", proxy(order(**changes), key))
        return answer["statusCode"], json.loads(answer["body"])

    def invoke(self, function: str, event: object) -> Any:
        answer = self.lambda_.invoke(FunctionName=self.out[function], Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload

    def rows(self, table: str) -> list[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.out[table], ConsistentRead=True
        )
        return [item for page in pages for item in page["Items"]]

    def shipped(self) -> Counter[str]:
        return Counter(item["orderId"]["S"] for item in self.rows("shipmentsTable"))

    def failures(self) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.out["failuresBucket"])
        return [each["Key"] for each in listed.get("Contents", [])]

    def logged(self, function: str) -> str:
        """Return the output of a function."""
        name = self.out[function]
        lines = map(json.loads, self.cloud.emulator.function_logs.read_text().splitlines())
        return "\n".join(each["line"] for each in lines if each["function"] == name)


def until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def orders(cloud: Cloud) -> Orders:
    return Orders(cloud)


def test_an_order_becomes_one_shipment_however_often_it_is_placed(orders: Orders):
    first, order_1 = orders.place("once")
    again, order_2 = orders.place("once")
    other, refusal = orders.place("once", customerId="customer-1", note="another order")
    assert (first, again, other) == (201, 200, 409)
    assert order_1 == order_2 and refusal["error"] == "Conflict"
    order_id = order_1["orderId"]
    until(lambda: order_id in orders.shipped(), "the shipment")
    assert orders.shipped()[order_id] == 1


def test_sent_rows_are_marked_and_expire(orders: Orders):
    _, placed = orders.place("marked")

    def mine() -> list[dict[str, Any]]:
        rows = orders.rows("outboxTable")
        return [each for each in rows if each["aggregateId"]["S"] == placed["orderId"]]

    until(lambda: all("sentAt" in each for each in mine()), "the marks")
    assert [each["detailType"]["S"] for each in mine()] == ["OrderCreated", "InvoiceRequested"]
    for each in mine():
        assert "pending" not in each
        assert int(each["expiresAt"]["N"]) > time.time() + 6 * 24 * 3600


def test_a_rejected_order_writes_nothing(orders: Orders):
    before = len(orders.rows("ordersTable")), len(orders.rows("outboxTable"))
    bad = order()
    bad["items"][0]["quantity"] = -1
    answer = orders.invoke("placeOrderFunction", proxy(bad, "bad"))
    body = json.loads(answer["body"])
    assert answer["statusCode"] == 400 and body["field"] == "items[0].quantity", body
    assert before == (len(orders.rows("ordersTable")), len(orders.rows("outboxTable")))


def test_many_orders_at_once_with_duplicates_and_a_poison_row(orders: Orders):
    """A row that no bus accepts goes to the failure store and delays no other row."""
    poison = row("poison", source=None)
    orders.dynamodb.put_item(TableName=orders.out["outboxTable"], Item=poison)
    keys = [f"many-{number}" for number in range(ORDERS)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(orders.place, keys + keys[: ORDERS // 10]))
    assert Counter(status for status, _ in answers) == {201: ORDERS, 200: ORDERS // 10}
    placed = {body["orderId"] for _, body in answers}
    assert len(placed) == ORDERS
    until(lambda: placed <= orders.shipped().keys(), f"{ORDERS} shipments", 60)
    assert set(orders.shipped().values()) == {1}

    (parked,) = [key for key in orders.failures() if key.startswith("parked/")]
    kept = json.loads(
        orders.s3.get_object(Bucket=orders.out["failuresBucket"], Key=parked)["Body"].read()
    )
    (record,) = kept["payload"]["Records"]
    assert record["dynamodb"]["NewImage"] == poison
    print(f"{ORDERS} orders placed, {ORDERS // 10} twice: {ORDERS} shipments, 1 poison row parked")


def test_a_replay_of_the_archive_ships_nothing_twice(orders: Orders):
    events = orders.cloud.client("events")
    _, placed = orders.place("replayed")
    until(lambda: placed["orderId"] in orders.shipped(), "the shipment")
    before = orders.logged("shipOrderFunction").count('"duplicate"')
    archive = events.describe_archive(ArchiveName=orders.out["archive"])
    events.start_replay(
        ReplayName="again",
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=time.time() - 3600,
        EventEndTime=time.time() + 60,
        Destination={"Arn": archive["EventSourceArn"]},
    )
    until(lambda: orders.logged("shipOrderFunction").count('"duplicate"') > before, "a duplicate")
    assert set(orders.shipped().values()) == {1}


@pytest.fixture
def broken_relay(orders: Orders) -> Iterator[Callable[[], None]]:
    """The relay without its settings: it crashes on every batch until it is repaired."""
    name = orders.out["relayFunction"]
    settings = orders.lambda_.get_function_configuration(FunctionName=name)["Environment"]

    def repair() -> None:
        orders.lambda_.update_function_configuration(FunctionName=name, Environment=settings)

    orders.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    yield repair
    repair()


def test_recover_brings_back_the_events_of_a_crashing_relay(
    orders: Orders, broken_relay: Callable[[], None], capsys: pytest.CaptureFixture[str]
):
    before = set(orders.failures())
    _, placed = orders.place("crashed")
    until(lambda: set(orders.failures()) > before, "the failure store", 60)
    assert placed["orderId"] not in orders.shipped()
    broken_relay()
    environment = emulator_environment(orders.cloud.emulator)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment.items():
            patch.setenv(key, value)
        failed_orders.recover(System("orders", orders.out, environment))
    until(lambda: placed["orderId"] in orders.shipped(), "the shipment")
    assert orders.shipped()[placed["orderId"]] == 1
    assert set(orders.failures()) <= before
    assert "failures bucket: objects recovered: " in capsys.readouterr().out


def test_the_sweeper_sends_events_that_the_relay_never_received(orders: Orders):
    mappings = orders.lambda_.list_event_source_mappings(FunctionName=orders.out["relayFunction"])
    uuid = mappings["EventSourceMappings"][0]["UUID"]
    orders.lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)
    try:
        time.sleep(0.5)  # a poll may be running
        lost = row("lost", createdAt={"S": "2026-01-01T00:00:00.000+00:00"}, pending={"S": "3"})
        orders.dynamodb.put_item(TableName=orders.out["outboxTable"], Item=lost)
        answer = orders.invoke("sweeperFunction", {})
        assert answer["resent"] >= 1 and answer["oldestUnsentSeconds"] > 24 * 3600
        until(lambda: "lost" in orders.shipped(), "the shipment")
        assert "OldestUnsentSeconds" in orders.logged("sweeperFunction")
    finally:
        orders.lambda_.update_event_source_mapping(UUID=uuid, Enabled=True)


@pytest.mark.parametrize(
    ("function", "call", "table"),
    [
        ("relayFunction", "put_item", "ordersTable"),
        ("relayFunction", "get_item", "ordersTable"),
        ("relayFunction", "put_item", "outboxTable"),
        ("sweeperFunction", "put_item", "outboxTable"),
        ("shipOrderFunction", "get_item", "ordersTable"),
        ("shipOrderFunction", "get_item", "shipmentsTable"),
        ("placeOrderFunction", "delete_item", "ordersTable"),
        ("placeOrderFunction", "put_item", "shipmentsTable"),
    ],
)
def test_no_role_allows_more_than_its_function_needs(
    orders: Orders, function: str, call: str, table: str
):
    """Other code with the function's role is denied."""
    key = {"aggregateId": {"S": "x"}, "sequence": {"N": "1"}, "orderId": {"S": "x"}}
    code = f"""
import boto3
def handler(event, context):
    try:
        boto3.client("dynamodb").{call}(TableName={orders.out[table]!r}, **event)
    except Exception as error:
        return type(error).__name__ + ": " + str(error)
"""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", code)
    role = orders.lambda_.get_function_configuration(FunctionName=orders.out[function])["Role"]
    name = f"under-role-of-{function}-{call.replace('_', '-')}-{table}"
    orders.lambda_.create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.11",
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    event = {"Item": key} if call == "put_item" else {"Key": key}
    answer = orders.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
    said = json.loads(answer["Payload"].read())
    assert "AccessDenied" in said, said
    orders.lambda_.delete_function(FunctionName=name)


def test_logs_contain_no_content_of_orders(orders: Orders):
    printed = "".join(
        orders.logged(f"{name}Function") for name in ("placeOrder", "relay", "sweeper", "shipOrder")
    )
    assert "order placed" in printed
    for secret in ("Ada Lovelace", "Secret Lane", "NW1 6XE", "neighbour"):
        assert secret not in printed
