"""The catalogue keeps products and tells a topic what has changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from services.catalogue.app import Settings, make

from tests.handlers.api import ORIGINS, Answer
from tests.handlers.aws import make_clients
from tests.handlers.documents import assert_documented
from tests.handlers.requests import request

from .topics import Topic

TEA = {"name": "Green tea", "priceCents": 450}
Ask = Callable[..., Answer]


class Catalogue:
    """The service with a table, and a queue of its topic."""

    def __init__(self, cloud: Any, number: int) -> None:
        self.clients = make_clients(cloud.emulator, "dynamodb", "sns")
        self.table, name = f"products-{number}", f"changes-{number}"
        self.clients.dynamodb.create_table(
            TableName=self.table,
            AttributeDefinitions=[{"AttributeName": "productId", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "productId", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.topic = Topic(cloud, name)
        self.api = make(Settings(self.table, self.topic.arn), self.clients, ORIGINS)

    def ask(self, operation: str, product: str = "", **more: Any) -> Answer:
        event = request(operation, path={"productId": product} if product else None, **more)
        response = self.api(event)
        assert_documented("catalogue", event, response)
        return Answer(response)

    def put(self, product: str, body: Any = TEA, **more: Any) -> Answer:
        return self.ask("PUT /products/{productId}", product, body=body, **more)

    def get(self, product: str) -> Answer:
        return self.ask("GET /products/{productId}", product)


@pytest.fixture
def catalogue(cloud) -> Catalogue:
    number = len(cloud.client("dynamodb").list_tables()["TableNames"])
    return Catalogue(cloud, number)


def test_a_product_is_created_replaced_and_deleted(catalogue):
    assert catalogue.put("tea").status == 201
    answer = catalogue.put("tea", {**TEA, "priceCents": 500})
    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert catalogue.get("tea").body == {
        "productId": "tea",
        "name": "Green tea",
        "priceCents": 500,
        "version": 2,
        "sold": 0,
    }
    assert catalogue.ask("DELETE /products/{productId}", "tea").status == 204
    assert catalogue.get("tea").refused == (404, "productId")
    told = catalogue.topic.told(3)
    assert sorted(told, key=lambda each: each["version"]) == [
        {"productId": "tea", "version": version} for version in (0, 1, 2)
    ]


@pytest.mark.parametrize("operation", ["PUT /products/{productId}", "DELETE /products/{productId}"])
def test_a_change_can_name_the_state_that_it_replaces(catalogue, operation):
    catalogue.put("tea")
    body = {"body": TEA} if operation.startswith("PUT") else {}
    catalogue.topic.told(1)
    stale = catalogue.ask(operation, "tea", headers={"If-Match": '"7"'}, **body)
    assert stale.refused == (412, "If-Match")
    assert catalogue.ask(operation, "tea", headers={"If-Match": '"1"'}, **body).status in (200, 204)
    assert [each["version"] in (0, 2) for each in catalogue.topic.told(1)] == [True]


def test_a_list_has_pages(catalogue):
    names = {f"product-{number}" for number in range(5)}
    for each in names:
        catalogue.put(each)
    seen, query = [], {"limit": "2"}
    while True:
        page = catalogue.ask("GET /products", query=query).body
        assert len(page["products"]) <= 2
        seen += [each["productId"] for each in page["products"]]
        if "next" not in page:
            break
        query = {"limit": "2", "next": page["next"]}
    assert sorted(seen) == sorted(names)
    assert catalogue.ask("GET /products", query={"next": "x"}).refused == (400, "next")


@pytest.mark.parametrize(
    "product, body, field",
    [
        ("Tea", TEA, "productId"),
        ("tea", {"name": "Tea"}, "priceCents"),
        ("tea", {"name": "", "priceCents": 1}, "name"),
        ("tea", {"name": "Tea", "priceCents": -1}, "priceCents"),
        ("tea", {"name": "Tea", "priceCents": 1.5}, "priceCents"),
        ("tea", {**TEA, "sold": 7}, "sold"),
        ("tea", "[]", "body"),
    ],
)
def test_a_bad_product_is_refused_by_name(catalogue, product, body, field):
    assert catalogue.put(product, body).refused == (400, field)


def test_a_change_is_stored_even_if_the_topic_is_gone(catalogue, caplog):
    catalogue.clients.sns.delete_topic(TopicArn=catalogue.topic.arn)
    assert catalogue.put("tea").status == 201
    assert catalogue.get("tea").status == 200
    assert "the change was not published" in caplog.text
    assert json.dumps(TEA["name"]) not in caplog.text
