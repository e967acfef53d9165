"""The relay sends a batch of the stream to the bus and returns a partial batch response."""

import pytest
from outbox_pipeline.relay.app import relay

from ..events import Context, insert, recorded, row


def test_a_recorded_insert(world):
    assert relay(recorded("dynamodb_insert"), Context(), world.publisher()) == {
        "batchItemFailures": []
    }
    [event] = world.delivered()
    assert event["source"] == "colonnade.orders"
    assert event["detail-type"] == "OrderCreated"
    assert event["detail"]["data"]["shippingAddress"]["city"] == "London"


@pytest.mark.parametrize("name", ["dynamodb_modify", "dynamodb_ttl_remove"])
def test_marks_and_expiries_are_ignored(world, name):
    event = {"Records": [*recorded(name)["Records"], insert(row("new"))]}
    assert relay(event, Context(), world.publisher()) == {"batchItemFailures": []}
    assert [each["detail"]["metadata"]["aggregateId"] for each in world.delivered()] == ["new"]
    assert world.objects(world.failures) == {}


def test_time_runs_out(world):
    event = {"Records": [insert(row("a"), 7), insert(row("b"), 8)]}
    assert relay(event, Context(remaining_ms=1000), world.publisher()) == {
        "batchItemFailures": [{"itemIdentifier": "7"}, {"itemIdentifier": "8"}]
    }
    assert world.delivered() == []


def test_the_order_of_one_aggregate_is_kept(world):
    records = [insert(row("a", sequence), 9 - sequence) for sequence in (3, 1, 2)]
    relay({"Records": records}, Context(), world.publisher())
    assert [each["detail"]["metadata"]["sequence"] for each in world.delivered()] == [1, 2, 3]
