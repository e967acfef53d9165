"""An OrderCreated event creates one shipment."""

import json
import logging

import pytest

from ..events import SECRETS, message, order_created, recorded


def sqs(*bodies):
    return {
        "Records": [
            message(body if isinstance(body, str) else json.dumps(body), f"message-{number}")
            for number, body in enumerate(bodies)
        ]
    }


def failures(response):
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


def shipped(world):
    return sorted(item["orderId"]["S"] for item in world.items(world.shipments))


def test_a_recorded_event(world):
    assert world.ship_order()(recorded("sqs_eventbridge")) == {"batchItemFailures": []}
    [shipment] = world.items(world.shipments)
    assert shipment.pop("createdAt")["S"].startswith("20")
    assert shipment["orderId"]["S"] == "0f8fad5b-d9cb-569f-a165-70867728950e"
    assert shipment["status"] == {"S": "STARTED"}
    assert shipment["eventId"]["S"] == "7d3f5a34-9a44-5b05-8a0b-1d7f2c9e4a01"
    assert shipment["items"]["L"][0]["M"]["quantity"] == {"N": "2"}
    assert shipment["shippingAddress"]["M"]["city"] == {"S": "London"}


def test_duplicates_are_acknowledged(world, caplog):
    caplog.set_level(logging.INFO)
    event = order_created("a")
    batch = sqs(event, order_created("b"), event)
    assert failures(world.ship_order()(batch)) == []
    assert shipped(world) == ["a", "b"]
    [counts] = [each for each in caplog.records if each.message == "batch handled"]
    assert (counts.applied, counts.duplicate, counts.failed) == (2, 1, 0)


def test_messages_for_which_there_is_no_time_are_retried(world, caplog):
    events = [order_created(name) for name in "abcd"]
    time_left = iter([True, True, False])
    response = world.ship_order()(sqs(*events), lambda: next(time_left))
    assert shipped(world) == ["a", "b"] and len(failures(response)) == 2
    [logged] = [each for each in caplog.records if each.message == "time ran out"]
    assert logged.waiting == 2
    assert failures(world.ship_order()(sqs(*events))) == []
    assert shipped(world) == ["a", "b", "c", "d"]


def claimed(world, event, put=True, **changes):
    key = f"claims/{event['detail']['metadata']['eventId']}.json"
    if put:
        world.s3.put_object(Bucket=world.claims, Key=key, Body=json.dumps(event["detail"]))
    claim = {"bucket": world.claims, "key": key, **changes}
    metadata = event["detail"]["metadata"]
    return {**event, "detail": {"metadata": metadata, "claimCheck": claim}}


def test_claim_check(world):
    event = claimed(world, order_created("large"))
    assert failures(world.ship_order()(sqs(event))) == []
    assert shipped(world) == ["large"]


BAD = {
    "no JSON": "{",
    "no object": "[]",
    "deep": "[" * 100_000,
    "no detail": {"source": "x"},
    "detail is null": {"detail": None},
    "no metadata": order_created(metadata=None),
    "metadata is text": order_created(metadata="x"),
    "no version": order_created(metadata={"eventId": "e", "aggregateId": "a", "sequence": 1}),
    "unknown version": order_created(
        metadata={"eventId": "e", "aggregateId": "a", "sequence": 1, "version": 2}
    ),
    "version is true": order_created(
        metadata={"eventId": "e", "aggregateId": "a", "sequence": 1, "version": True}
    ),
    "no event ID": order_created(metadata={"aggregateId": "a", "sequence": 1, "version": 1}),
    "no sequence": order_created(metadata={"eventId": "e", "aggregateId": "a", "version": 1}),
    "no data": order_created(data=None),
    "no items": order_created(data={"orderId": "o", "shippingAddress": {}}),
    "no order ID": order_created(data={"items": [], "shippingAddress": {}}),
    "order ID is a number": order_created(data={"orderId": 1, "items": [], "shippingAddress": {}}),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_only_the_bad_event_fails(world, caplog, bad):
    caplog.set_level(logging.INFO)
    batch = sqs(order_created("a"), bad, order_created("b"))
    assert failures(world.ship_order()(batch)) == ["message-1"]
    assert shipped(world) == ["a", "b"]
    [failed] = [each for each in caplog.records if each.message == "record failed"]
    assert failed.record == "message-1"
    logged = " ".join(str(vars(each)) for each in caplog.records)
    assert not [secret for secret in SECRETS if secret in logged]


def test_invalid_claim_checks_are_rejected(world, caplog):
    other = order_created("other")
    stolen = claimed(world, order_created("x"), key=f"claims/{other['detail']['metadata']}.json")
    batch = sqs(
        claimed(world, order_created("a"), bucket="somewhere-else"),
        claimed(world, order_created("b"), key="secrets/b.json"),
        claimed(world, order_created("c"), put=False),
        stolen,
    )
    assert len(failures(world.ship_order()(batch))) == 4
    assert shipped(world) == []
    assert "another place" in caplog.records[0].error


def test_the_claim_of_another_event_is_rejected(world):
    mine, other = claimed(world, order_created("a")), claimed(world, order_created("b"))
    mine["detail"]["claimCheck"] = other["detail"]["claimCheck"]
    assert failures(world.ship_order()(sqs(mine))) == ["message-0"]
    assert shipped(world) == []
