"""A request creates one order and its two events once."""

import json
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from outbox_pipeline.place_order import app

from ..aws import emulator_environment, make_clients
from ..events import order, placed_with, proxy
from .world import World


def answer(response):
    return json.loads(response["body"])


def trace(world: World) -> tuple[int, int]:
    return len(world.items(world.orders)), len(world.items(world.outbox))


def test_a_new_order_is_stored_with_its_events(world):
    response = world.place_order()(proxy())

    assert response["statusCode"] == 201
    placed = answer(response)
    assert placed["total"] == 2 * 450 + 1200
    stored = world.items(world.orders)
    assert [item["orderId"]["S"] for item in stored] == [placed["orderId"]]
    assert stored[0]["total"] == {"N": "2100"}
    rows = sorted(world.items(world.outbox), key=lambda row: row["sequence"]["N"])
    assert [row["detailType"]["S"] for row in rows] == ["OrderCreated", "InvoiceRequested"]
    assert [row["sequence"]["N"] for row in rows] == ["1", "2"]
    for row in rows:
        detail = json.loads(row["detail"]["S"])
        assert detail["metadata"] == {
            "eventId": row["eventId"]["S"],
            "aggregateId": placed["orderId"],
            "sequence": int(row["sequence"]["N"]),
            "version": 1,
            "occurredAt": row["createdAt"]["S"],
        }
        assert detail["data"]["total"] == 2100
        assert row["pending"]["S"] in set("0123456789")
    assert rows[0]["createdAt"]["S"] < rows[1]["createdAt"]["S"]


def test_a_repeated_request_returns_the_same_order(world):
    place = world.place_order()
    first = place(proxy())
    reordered = dict(reversed(order().items()))

    for request in (proxy(), proxy(reordered), proxy(json.dumps(order(), indent=4))):
        again = place(request)
        assert again["statusCode"] == 200
        assert answer(again) == answer(first)
    assert trace(world) == (1, 2)


def test_a_repeated_request_after_the_rows_of_the_outbox_have_expired(world):
    """The condition on the order prevents a duplicate."""
    first = world.place_order()(proxy())
    later = World(world.emulator)
    later.dynamodb.put_item(TableName=later.orders, Item=world.items(world.orders)[0])

    again = later.place_order()(proxy())

    assert (again["statusCode"], answer(again)) == (200, answer(first))
    assert later.place_order()(proxy(order(note="x")))["statusCode"] == 409
    assert trace(later) == (1, 0)


def test_another_order_with_the_same_key_is_rejected(world):
    place = world.place_order()
    place(proxy())

    refused = place(proxy(order(currency="USD")))

    assert refused["statusCode"] == 409
    assert answer(refused)["field"] == "Idempotency-Key"
    assert trace(world) == (1, 2)


def test_the_key_belongs_to_the_customer(world):
    place = world.place_order()
    ids = {
        answer(place(proxy(order(customerId=customer), key)))["orderId"]
        for customer in ("a", "b", 'a","b')
        for key in ("k", "kk")
    }
    assert len(ids) == 6


def test_orders_of_different_principals_are_separate(world):
    place = world.place_order()
    direct = {name: value for name, value in proxy().items() if name != "requestContext"}
    keyless = placed_with(None, proxy())
    user = placed_with(None, proxy())
    user["requestContext"]["authorizer"] = {"claims": {"sub": "a1b2c3d4e5"}}
    requests = [
        proxy(),
        placed_with("other", proxy()),
        user,
        keyless,
        {**direct, "principal": "a1b2c3d4e5"},
        {**direct, "principal": "importer"},
    ]
    answers = [place(each) for each in requests]
    assert [each["statusCode"] for each in answers] == [201] * len(requests)
    assert len({answer(each)["orderId"] for each in answers}) == len(requests)
    assert "principal" not in answer(answers[0])
    assert sorted(item["principal"]["S"] for item in world.items(world.orders)) == [
        "invoker/a1b2c3d4e5",
        "invoker/importer",
        "key/a1b2c3d4e5",
        "key/other",
        "public",
        "user/a1b2c3d4e5",
    ]
    assert [place(each)["statusCode"] for each in requests] == [200] * len(requests)


@pytest.mark.parametrize("principal", [None, "", "a/b", "x" * 129, 7])
def test_a_direct_invocation_names_its_principal(world, principal):
    direct = {name: value for name, value in proxy().items() if name != "requestContext"}
    refused = world.place_order()({**direct, "principal": principal})
    assert (refused["statusCode"], answer(refused)["field"]) == (401, "principal")
    assert trace(world) == (0, 0)


def test_concurrent_requests_create_one_order(world):
    place = world.place_order()
    responses = []
    threads = [threading.Thread(target=lambda: responses.append(place(proxy()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(each["statusCode"] for each in responses) == [200] * 7 + [201]
    assert len({answer(each)["orderId"] for each in responses}) == 1
    assert trace(world) == (1, 2)


def test_requests_of_the_same_moment_create_one_order(world, monkeypatch):
    moment = datetime.now(UTC)
    stopped = type("Stopped", (datetime,), {"now": classmethod(lambda _class, _zone: moment)})
    monkeypatch.setattr("outbox_pipeline.place_order.place.datetime", stopped)
    place = world.place_order()
    assert [place(proxy())["statusCode"] for _ in range(2)] == [201, 200]


def test_a_base64_body_and_any_case_of_the_header(world):
    import base64

    body = base64.b64encode(json.dumps(order()).encode()).decode()
    event = proxy(body, key=None, isBase64Encoded=True, headers=None)
    event["multiValueHeaders"]["idempotency-key"] = ["key-1"]
    assert world.place_order()(event)["statusCode"] == 201


BUSY = [
    ("ThrottlingException", []),
    ("ProvisionedThroughputExceededException", []),
    ("TransactionInProgressException", []),
    ("TransactionCanceledException", ["TransactionConflict", "None", "None"]),
    ("TransactionCanceledException", ["None", "ThrottlingError", "None"]),
]


@pytest.mark.parametrize(("code", "reasons"), BUSY)
def test_a_busy_table_is_retried_and_then_returns_503(world, code, reasons):
    clients = Refusing(world, code, reasons, times=99)
    response = app.PlaceOrder(world.place_order()._settings, clients)(proxy())

    assert response["statusCode"] == 503
    assert response["headers"]["Retry-After"] == "1"
    assert clients.calls == 3
    assert trace(world) == (0, 0)


@pytest.mark.parametrize(("code", "reasons"), BUSY)
def test_a_busy_table_that_recovers(world, code, reasons):
    clients = Refusing(world, code, reasons, times=2)
    response = app.PlaceOrder(world.place_order()._settings, clients)(proxy())

    assert response["statusCode"] == 201
    assert trace(world) == (1, 2)


def test_a_lost_response_of_the_transaction(world):
    """The transaction succeeds but its response is lost: the repeated call finds the same order."""
    clients = Refusing(world, "", [], times=1, after=True)
    response = app.PlaceOrder(world.place_order()._settings, clients)(proxy())

    assert response["statusCode"] == 201
    assert trace(world) == (1, 2)


def test_an_internal_error_is_raised(world):
    """Missing permissions do not ask callers to retry."""
    clients = Refusing(world, "AccessDeniedException", [], times=1)
    with pytest.raises(ClientError, match="AccessDenied"):
        app.PlaceOrder(world.place_order()._settings, clients)(proxy())


def test_handler_reads_its_environment_once(world, monkeypatch):
    names = {"ORDERS_TABLE": world.orders, "OUTBOX_TABLE": world.outbox, "EVENT_SOURCE": "s"}
    for name, value in {**names, **emulator_environment(world.emulator)}.items():
        monkeypatch.setenv(name, value)
    app.place_order.cache_clear()
    try:
        assert app.handler(proxy(), None)["statusCode"] == 201
        monkeypatch.delenv("ORDERS_TABLE")
        assert app.handler(proxy(), None)["statusCode"] == 200
    finally:
        app.place_order.cache_clear()


class Refusing(SimpleNamespace):
    """A DynamoDB client whose first transactions fail, before or after they take effect."""

    def __init__(self, world, code, reasons, times, after=False):
        super().__init__(calls=0)
        self.dynamodb = make_clients(world.emulator, "dynamodb").dynamodb
        self._left, self._code, self._reasons = times, code, reasons
        name = "after-call" if after else "before-call"
        self.dynamodb.meta.events.register(
            f"{name}.dynamodb.TransactWriteItems", self._lose if after else self._refuse
        )

    def _refuse(self, **_):
        self.calls += 1
        self._left -= 1
        if self._left < 0:
            return None
        parsed = {"Error": {"Code": self._code, "Message": ""}}
        if self._reasons:
            parsed["CancellationReasons"] = [{"Code": each} for each in self._reasons]
        return SimpleNamespace(status_code=400), {**parsed, "ResponseMetadata": {}}

    def _lose(self, **_):
        self._left -= 1
        if self._left >= 0:
            raise ReadTimeoutError(endpoint_url="https://dynamodb")


def test_a_total_that_not_all_readers_keep_exactly_is_refused(world):
    dear = {"sku": "TEA-01", "quantity": 1000, "unitPrice": 100_000_000_000}
    most = {"sku": "TEA-01", "quantity": 1, "unitPrice": 99_254_740_991}
    fits = order(items=[dear] * 90 + [{**dear, "quantity": 71}, most])
    assert world.place_order()(proxy(fits, "fits"))["statusCode"] == 201
    more = order(items=[dear] * 90 + [{**dear, "quantity": 72}, most])
    refused = world.place_order()(proxy(more, "more"))
    assert refused["statusCode"] == 400
    assert json.loads(refused["body"])["field"] == "items"
    assert len(world.items(world.orders)) == 1


def test_a_body_of_another_format_is_refused(world):
    event = proxy(order(), "text")
    event["headers"] = {**(event.get("headers") or {}), "Content-Type": "text/plain"}
    event.pop("multiValueHeaders", None)
    refused = world.place_order()(event)
    assert refused["statusCode"] == 415
    assert json.loads(refused["body"])["error"] == "UnsupportedMediaType"
