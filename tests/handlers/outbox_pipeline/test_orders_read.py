"""Reading an order by its ID returns the same order as place_order."""

import json
from types import SimpleNamespace

import pytest
from outbox_pipeline.orders_read import app

from ..api import ORIGIN, Answer
from ..aws import emulator_environment
from ..documents import assert_documented
from ..events import placed_with, proxy
from ..requests import request


@pytest.fixture
def read(world):
    function = app.make(
        app.Settings(world.orders), SimpleNamespace(dynamodb=world.dynamodb), frozenset()
    )

    def call(order_id, key="a1b2c3d4e5", **parts):
        event = request("GET /orders/{orderId}", path={"orderId": order_id}, user=None, **parts)
        event["requestContext"]["identity"]["apiKeyId"] = key
        response = function(event)
        assert_documented("orders", event, response)
        return Answer(response)

    return call


def test_an_order_is_read_as_it_was_placed(world, read):
    response = world.place_order()(proxy())
    assert_documented("orders", proxy(), response)
    placed = json.loads(response["body"])

    answer = read(placed["orderId"])

    assert (answer.status, answer.body) == (200, placed)
    unchanged = read(placed["orderId"], headers={"If-None-Match": answer.headers["ETag"]})
    assert (unchanged.status, unchanged.text) == (304, "")


def test_the_order_of_another_key_does_not_exist(world, read):
    mine, other = (
        json.loads(world.place_order()(each)["body"])["orderId"]
        for each in (proxy(), placed_with("other", proxy()))
    )
    assert read(other).refused == (404, "orderId")
    assert read(mine, key=None).refused == (404, "orderId")
    assert [read(mine).status, read(other, key="other").status] == [200, 200]


def test_an_unknown_order(read):
    assert read("00000000-0000-0000-0000-000000000000").refused == (404, "orderId")


@pytest.mark.parametrize("order_id", ["x", "..", "A" * 36, "x" * 3000])
def test_an_invalid_id(read, order_id):
    assert read(order_id).refused == (400, "orderId")


def test_errors_of_place_order_are_documented(world):
    place = world.place_order()
    assert place(proxy())["statusCode"] == 201
    for event, status in (
        (proxy(), 200),
        (proxy("{"), 400),
        (proxy(key=None), 400),
        (proxy("x" * 300_000), 413),
        (proxy('{"customerId":"customer-1"}'), 400),
    ):
        response = place(event)
        assert response["statusCode"] == status
        assert_documented("orders", event, response)


def test_handler_reads_its_environment(world, monkeypatch):
    variables = {
        **emulator_environment(world.emulator),
        "ORDERS_TABLE": world.orders,
        "ALLOWED_ORIGINS": ORIGIN,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    app.orders_read.cache_clear()
    try:
        event = request("GET /orders/{orderId}", headers={"Origin": ORIGIN})
        response = app.handler(event, None)
    finally:
        app.orders_read.cache_clear()
    assert response["statusCode"] == 400
    assert response["headers"]["Access-Control-Allow-Origin"] == ORIGIN
