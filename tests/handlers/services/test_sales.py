"""Bookings are counted in the catalogue, each once."""

import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from services.sales.app import Sales, Settings, handler, sales

from tests.handlers.aws import emulator_environment, make_clients


class Shop:
    """The tables of the function."""

    def __init__(self, cloud: Any) -> None:
        self.dynamodb = make_clients(cloud.emulator, "dynamodb").dynamodb
        name = uuid.uuid4().hex[:8]
        self.settings = Settings(f"products-{name}", f"inbox-{name}")
        keys = {self.settings.products_table: "productId", self.settings.inbox_table: "id"}
        for table, key in keys.items():
            self.dynamodb.create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        self.sales = Sales(self.settings, SimpleNamespace(dynamodb=self.dynamodb))  # type: ignore[arg-type]

    def put(self, product: str) -> None:
        item: Any = {"productId": {"S": product}, "sold": {"N": "0"}}
        self.dynamodb.put_item(TableName=self.settings.products_table, Item=item)

    def sold(self, product: str) -> int | None:
        found = self.dynamodb.get_item(
            TableName=self.settings.products_table, Key={"productId": {"S": product}}
        )
        return int(found["Item"]["sold"]["N"]) if "Item" in found else None


@pytest.fixture
def shop(cloud) -> Shop:
    return Shop(cloud)


def record(product: str = "tea", quantity: Any = 2, **changes: Any) -> dict[str, Any]:
    booking = {"bookingId": str(uuid.uuid4()), "productId": product, "quantity": quantity}
    return {"messageId": uuid.uuid4().hex, "body": json.dumps({**booking, **changes})}


def test_each_booking_is_counted_once(shop):
    shop.put("tea")
    first, second = record(), record(quantity=3)
    for each in (first, second, first, second, first):
        shop.sales.count(each)
    assert shop.sold("tea") == 5


def test_sales_of_a_deleted_product_create_none(shop):
    shop.sales.count(record("gone"))
    assert shop.sold("gone") is None


def test_one_bad_message_fails_alone(cloud, shop, monkeypatch):
    shop.put("tea")
    variables = emulator_environment(cloud.emulator)
    variables |= {name.upper(): value for name, value in vars(shop.settings).items()}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    sales.cache_clear()
    bad = [
        {"messageId": "text", "body": "no JSON"},
        {"messageId": "list", "body": "[]"},
        {**record(quantity=0), "messageId": "none"},
        {**record(quantity=True), "messageId": "true"},
        {**record(bookingId="x"), "messageId": "id"},
        {**record(productId=""), "messageId": "product"},
    ]
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)
    answer = handler({"Records": [record(), *bad, record()]}, context)
    sales.cache_clear()
    failed = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
    assert failed == ["text", "list", "none", "true", "id", "product"]
    assert shop.sold("tea") == 4
