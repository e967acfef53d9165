"""Invalid orders: the response names the field, nothing is written and no secret is logged."""

import base64
import json
import logging

import pytest
from api import Refusal
from api.strict_json import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outbox_pipeline.place_order.request import read_request

from ..events import SECRETS, order, proxy


def item(**changes):
    return {"sku": "TEA-01", "quantity": 1, "unitPrice": 450, **changes}


def without(name):
    return {key: value for key, value in order().items() if key != name}


def address(**changes):
    return {
        key: value
        for key, value in {**order()["shippingAddress"], **changes}.items()
        if value is not None
    }


TEXT = json.dumps(order())

BODIES = {
    # missing
    "no customer": (without("customerId"), "customerId"),
    "no items": (without("items"), "items"),
    "no currency": (without("currency"), "currency"),
    "no address": (without("shippingAddress"), "shippingAddress"),
    "no sku": (order(items=[{"quantity": 1, "unitPrice": 1}]), "items[0].sku"),
    "no quantity": (order(items=[item(), {"sku": "a", "unitPrice": 1}]), "items[1].quantity"),
    "no price": (order(items=[{"sku": "a", "quantity": 1}]), "items[0].unitPrice"),
    "no street": (order(shippingAddress=address(street=None)), "shippingAddress.street"),
    # extra
    "extra": (order(total=1), "total"),
    "extra in item": (order(items=[item(price=1)]), "items[0].price"),
    "extra in address": (order(shippingAddress=address(phone="1")), "shippingAddress.phone"),
    # wrong type
    "number for customer": (order(customerId=7), "customerId"),
    "null customer": (order(customerId=None), "customerId"),
    "object for items": (order(items={}), "items"),
    "text for item": (order(items=["a"]), "items[0]"),
    "text for quantity": (order(items=[item(quantity="1")]), "items[0].quantity"),
    "true for quantity": (order(items=[item(quantity=True)]), "items[0].quantity"),
    "fraction for quantity": (order(items=[item(quantity=1.5)]), "items[0].quantity"),
    "float for price": (order(items=[item(unitPrice=4.0)]), "items[0].unitPrice"),
    "list for address": (order(shippingAddress=[]), "shippingAddress"),
    "object for note": (order(note={}), "note"),
    # out of range
    "negative quantity": (order(items=[item(quantity=-1)]), "items[0].quantity"),
    "zero quantity": (order(items=[item(quantity=0)]), "items[0].quantity"),
    "1001 pieces": (order(items=[item(quantity=1001)]), "items[0].quantity"),
    "negative price": (order(items=[item(unitPrice=-1)]), "items[0].unitPrice"),
    "astronomic price": (order(items=[item(unitPrice=10**30)]), "items[0].unitPrice"),
    "nothing ordered": (order(items=[]), "items"),
    "101 items": (order(items=[item()] * 101), "items"),
    # too long or too short
    "empty customer": (order(customerId=""), "customerId"),
    "long customer": (order(customerId="c" * 129), "customerId"),
    "long sku": (order(items=[item(sku="s" * 65)]), "items[0].sku"),
    "long street": (order(shippingAddress=address(street="s" * 201)), "shippingAddress.street"),
    "long note": (order(note="n" * 2001), "note"),
    # patterns
    "currency in small letters": (order(currency="eur"), "currency"),
    "long currency": (order(currency="EURO"), "currency"),
    "currency and newline": (order(currency="EUR\n"), "currency"),
    "country by name": (
        order(shippingAddress=address(country="France")),
        "shippingAddress.country",
    ),
    # not JSON, or not valid JSON
    "no JSON": ("{", "body"),
    "text after": (TEXT + "x", "body"),
    "array": ("[]", "body"),
    "text": ('"order"', "body"),
    "null": ("null", "body"),
    "NaN": (TEXT.replace("450", "NaN"), "body"),
    "Infinity": (TEXT.replace("450", "Infinity"), "body"),
    "minus Infinity": (TEXT.replace("450", "-Infinity"), "body"),
    "huge exponent": (TEXT.replace("450", "1e999"), "items[0].unitPrice"),
    "5000 digits": (TEXT.replace("450", "9" * 5000), "body"),
    "deep": ('{"note":' + "[" * 100_000 + "]" * 100_000 + "}", "body"),
    "duplicate": (TEXT[:-1] + ', "currency": "EUR"}', "currency"),
    "duplicate inside": (TEXT.replace('"sku"', '"quantity": 9, "sku"', 1), "quantity"),
    "half surrogate": (json.dumps(order(note="\ud800")), "note"),
    "half surrogate inside": (
        json.dumps(order(shippingAddress=address(name="\udfff"))),
        "shippingAddress.name",
    ),
    "half surrogate in a name": (TEXT[:-1] + ', "\\ud800": 1}', "body"),
    "half surrogate unescaped": (TEXT.replace("Ada", "\ud800"), "body"),
    "byte order mark": ("\ufeff" + TEXT, "body"),
}


def refusal(world, event, caplog):
    """Return the status and the field of a rejected event, and assert that it has no effect."""
    caplog.set_level(logging.DEBUG)
    response = world.place_order()(event)
    answer = json.loads(response["body"])
    assert sorted(answer) == ["error", "field", "message"]
    assert world.items(world.orders) == [] and world.items(world.outbox) == []
    own = " ".join(
        str(vars(each)) for each in caplog.records if not each.name.startswith(("boto", "urllib"))
    )
    for secret in SECRETS:
        assert secret not in own
        assert secret not in response["body"]
    return response["statusCode"], answer["field"]


@pytest.fixture(scope="module")
def untouched(emulator):
    """One world for all tests of the module: each test asserts that nothing was written."""
    from .world import World

    return World(emulator)


@pytest.mark.parametrize(("body", "field"), BODIES.values(), ids=BODIES.keys())
def test_body(untouched, caplog, body, field):
    assert refusal(untouched, proxy(body), caplog) == (400, field)


KEYS = {
    "missing": proxy(key=None),
    "empty": proxy(key=""),
    "blank": proxy(key="  "),
    "256 characters": proxy(key="k" * 256),
    "control character": proxy(key="a\tb"),
    "not ASCII": proxy(key="schlüssel"),
    "no headers at all": proxy(headers=None, multiValueHeaders=None),
    "two values": proxy(multiValueHeaders={"Idempotency-Key": ["a", "b"]}),
}


@pytest.mark.parametrize("event", KEYS.values(), ids=KEYS.keys())
def test_idempotency_key(untouched, caplog, event):
    assert refusal(untouched, event, caplog) == (400, "Idempotency-Key")


EVENTS = {
    "no body": (proxy(body=None) | {"body": None}, 400),
    "empty body": (proxy() | {"body": ""}, 400),
    "not Base64": (proxy("%%%", isBase64Encoded=True), 400),
    "not UTF-8": (proxy(base64.b64encode(b'{"a":"\xff"}').decode(), isBase64Encoded=True), 400),
    "UTF-16": (
        proxy(base64.b64encode(TEXT.encode("utf-16")).decode(), isBase64Encoded=True),
        400,
    ),
    "1 MB": (proxy(json.dumps(order(note="n" * 1024 * 1024))), 413),
    "just too large": (proxy(TEXT + " " * (256 * 1024 - len(TEXT) + 1)), 413),
    "too large in UTF-8": (proxy(json.dumps(order(note="é" * 131_072), ensure_ascii=False)), 413),
    "1 MB in Base64": (
        proxy(base64.b64encode(b" " * 1024 * 1024).decode(), isBase64Encoded=True),
        413,
    ),
}


@pytest.mark.parametrize(("event", "status"), EVENTS.values(), ids=EVENTS.keys())
def test_event(untouched, caplog, event, status):
    assert refusal(untouched, event, caplog) == (status, "body")


def test_the_largest_order_is_accepted(world):
    """Text is at its limits, in four-byte characters. Table and bus accept it easily."""
    wide = "\U0001f600"
    largest = order(
        customerId=wide * 128,
        items=[item(sku=wide * 64, quantity=1000, unitPrice=9 * 10**10)] * 100,
        shippingAddress={
            "name": wide * 200,
            "street": wide * 200,
            "city": wide * 100,
            "postalCode": wide * 20,
            "country": "GB",
        },
        note=wide * 2000,
    )
    body = json.dumps(largest, ensure_ascii=False)
    response = world.place_order()(proxy(body + " " * (256 * 1024 - len(body.encode()))))
    assert response["statusCode"] == 201
    assert json.loads(response["body"])["total"] == 100 * 1000 * 9 * 10**10
    assert all(len(row["detail"]["S"].encode()) < 64 * 1024 for row in world.items(world.outbox))


def test_the_log_of_an_accepted_order_has_no_contents(world, caplog):
    caplog.set_level(logging.INFO)
    world.place_order()(proxy())
    logged = " ".join(str(vars(each)) for each in caplog.records)
    assert "order placed" in logged
    assert not [secret for secret in SECRETS if secret in logged]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text() | json_values.map(json.dumps))
def test_any_text_is_rejected_or_is_an_object(text):
    try:
        parsed = parse(text)
    except Refusal as refused:
        assert refused.status == 400
        assert refused.field
    else:
        assert parsed == json.loads(text)
        json.dumps(parsed, allow_nan=False, ensure_ascii=False).encode()


@given(st.sampled_from(sorted(order())), json_values)
def test_any_value_of_a_field_is_accepted_or_rejected_by_name(field, value):
    event = proxy(json.dumps(order(**{field: value})))
    try:
        assert read_request(event).order[field] == value
    except Refusal as refused:
        assert refused.status == 400
        assert refused.field == "body" or refused.field.startswith(field)
