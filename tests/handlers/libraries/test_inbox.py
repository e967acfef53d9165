"""The mark and the effect of an event are written in one transaction."""

import time
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from inbox import Inbox, Outcome


def effect(world, order_id="order-1", **more):
    put = {"TableName": world.shipments, "Item": {"orderId": {"S": order_id}}, **more}
    return [{"Put": put}]


def test_an_event_is_applied_once(world):
    inbox = Inbox(world.inbox, world.dynamodb)
    assert inbox.apply("e1", "s", 1, effect(world)) is Outcome.APPLIED
    assert inbox.apply("e1", "s", 1, effect(world, "again")) is Outcome.DUPLICATE
    assert [item["orderId"]["S"] for item in world.items(world.shipments)] == ["order-1"]


@pytest.mark.parametrize("sequence", [1, 2])
def test_older_events_of_a_stream_are_dropped(world, sequence):
    inbox = Inbox(world.inbox, world.dynamodb)
    inbox.apply("e2", "s", 2, effect(world))
    assert inbox.apply("late", "s", sequence, effect(world, "late")) is Outcome.STALE
    assert inbox.apply("e3", "s", 3, effect(world, "next")) is Outcome.APPLIED
    assert len(world.items(world.shipments)) == 2
    assert {"S": "event#late"} not in [item["id"] for item in world.items(world.inbox)]


def test_streams_are_independent(world):
    inbox = Inbox(world.inbox, world.dynamodb)
    assert inbox.apply("e1", "a", 5, effect(world, "a")) is Outcome.APPLIED
    assert inbox.apply("e2", "b", 1, effect(world, "b")) is Outcome.APPLIED


def test_the_mark_of_an_event_expires_but_not_the_mark_of_its_stream(world):
    inbox = Inbox(world.inbox, world.dynamodb, timedelta(hours=1))
    inbox.apply("e1", "s", 1, effect(world))
    marks = {item["id"]["S"]: item for item in world.items(world.inbox)}
    assert 0 <= int(marks["event#e1"]["expiresAt"]["N"]) - time.time() - 3600 + 60 < 61
    assert "expiresAt" not in marks["stream#s"]
    world.dynamodb.delete_item(TableName=world.inbox, Key={"id": {"S": "event#e1"}})
    assert inbox.apply("e1", "s", 1, effect(world, "again")) is Outcome.STALE


def test_a_rejected_effect_leaves_no_mark(world):
    inbox = Inbox(world.inbox, world.dynamodb)
    refused = effect(world, ConditionExpression="attribute_exists(orderId)")
    with pytest.raises(ClientError, match="TransactionCanceled"):
        inbox.apply("e1", "s", 1, refused)
    assert world.items(world.inbox) == []
    assert inbox.apply("e1", "s", 1, effect(world)) is Outcome.APPLIED


@pytest.mark.parametrize(
    "reasons",
    [
        ["TransactionConflict", "None", "None"],
        ["None", "TransactionConflict", "None"],
        ["None", "None", "ThrottlingError"],
        # If the mark is throttled, it is unknown whether the event was applied.
        ["TransactionConflict", "ConditionalCheckFailed", "None"],
        [],
    ],
)
def test_conflicts_and_throttles_are_raised(world, reasons):
    inbox = Inbox(world.inbox, Canceling(world.dynamodb, reasons))
    with pytest.raises(ClientError):
        inbox.apply("e1", "s", 1, effect(world))


class Canceling:
    """A client whose transactions are canceled for reasons that the emulator never returns."""

    def __init__(self, client, reasons):
        self.exceptions = client.exceptions
        self._reasons = reasons

    def transact_write_items(self, **_):
        parsed = {
            "Error": {"Code": "TransactionCanceledException", "Message": ""},
            "CancellationReasons": [{"Code": each} for each in self._reasons],
        }
        raise self.exceptions.TransactionCanceledException(parsed, "TransactWriteItems")
