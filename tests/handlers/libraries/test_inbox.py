"""The mark and the effect of an event are written in one transaction."""

import time

import pytest
from botocore.exceptions import ClientError
from inbox import Inbox, Outcome, OutOfOrder


def effect(world, order_id="order-1", **more):
    put = {"TableName": world.shipments, "Item": {"orderId": {"S": order_id}}, **more}
    return [{"Put": put}]


def shipments(world):
    return sorted(item["orderId"]["S"] for item in world.items(world.shipments))


def test_an_unknown_ordering_is_refused(world):
    with pytest.raises(ValueError, match="unknown ordering 'last'"):
        Inbox(world.inbox, world.dynamodb, "last")


@pytest.mark.parametrize("ordering", ["each", "latest", "in_order"])
def test_an_event_is_applied_once(world, ordering):
    inbox = Inbox(world.inbox, world.dynamodb, ordering)
    assert inbox.apply("e1", "s", 1, effect(world)) is Outcome.APPLIED
    assert inbox.apply("e1", "s", 1, effect(world, "again")) is Outcome.DUPLICATE
    assert shipments(world) == ["order-1"]


@pytest.mark.parametrize("ordering", ["each", "latest", "in_order"])
def test_an_event_is_applied_once_although_marks_expire(world, ordering):
    """An archive can be replayed years later, when TTL has removed what can expire."""
    inbox = Inbox(world.inbox, world.dynamodb, ordering)
    inbox.apply("e1", "s", 1, effect(world))
    for mark in world.items(world.inbox):
        if "expiresAt" in mark:
            assert 0 <= int(mark["expiresAt"]["N"]) - time.time() - 14 * 24 * 3600 + 60 < 61
            world.dynamodb.delete_item(TableName=world.inbox, Key={"id": mark["id"]})
    assert inbox.apply("e1", "s", 1, effect(world, "again")) is not Outcome.APPLIED
    assert shipments(world) == ["order-1"]


def test_each_applies_events_in_any_order(world):
    inbox = Inbox(world.inbox, world.dynamodb)
    for number in (3, 1, 2):
        assert (
            inbox.apply(f"e{number}", "s", number, effect(world, f"o{number}")) is Outcome.APPLIED
        )
    assert shipments(world) == ["o1", "o2", "o3"]


@pytest.mark.parametrize("sequence", [1, 2])
def test_latest_drops_and_logs_older_events_of_a_stream(world, sequence, caplog):
    inbox = Inbox(world.inbox, world.dynamodb, "latest")
    inbox.apply("e2", "s", 2, effect(world))
    assert inbox.apply("late", "s", sequence, effect(world, "late")) is Outcome.SUPERSEDED
    [logged] = [each for each in caplog.records if each.message == "event superseded"]
    assert (logged.event, logged.sequence) == ("late", sequence)
    assert inbox.apply("e3", "s", 3, effect(world, "next")) is Outcome.APPLIED
    assert shipments(world) == ["next", "order-1"]
    assert {"S": "event#late"} not in [item["id"] for item in world.items(world.inbox)]


def test_in_order_waits_for_the_event_before(world):
    inbox = Inbox(world.inbox, world.dynamodb, "in_order")
    for sequence in (2, 3):
        with pytest.raises(OutOfOrder, match=f"event {sequence} of its stream waits for event 1"):
            inbox.apply(f"e{sequence}", "s", sequence, effect(world, f"o{sequence}"))
    assert world.items(world.inbox) == []
    for sequence in (1, 2, 3):
        done = inbox.apply(f"e{sequence}", "s", sequence, effect(world, f"o{sequence}"))
        assert done is Outcome.APPLIED
    with pytest.raises(OutOfOrder, match="event 5 of its stream waits for event 4"):
        inbox.apply("e5", "s", 5, effect(world, "o5"))
    assert shipments(world) == ["o1", "o2", "o3"]


@pytest.mark.parametrize("ordering", ["latest", "in_order"])
def test_streams_are_independent(world, ordering):
    inbox = Inbox(world.inbox, world.dynamodb, ordering)
    for number in (1, 2):
        assert inbox.apply(f"a{number}", "a", number, effect(world, "a")) is Outcome.APPLIED
    assert inbox.apply("b1", "b", 1, effect(world, "b")) is Outcome.APPLIED


def test_a_rejected_effect_leaves_no_mark(world):
    inbox = Inbox(world.inbox, world.dynamodb)
    refused = effect(world, ConditionExpression="attribute_exists(orderId)")
    with pytest.raises(ClientError, match="TransactionCanceled"):
        inbox.apply("e1", "s", 1, refused)
    assert world.items(world.inbox) == []
    assert inbox.apply("e1", "s", 1, effect(world)) is Outcome.APPLIED


CONFLICT = ["None", "TransactionConflict", "None"]


def test_conflicts_are_retried_at_once(world):
    client = Canceling(world.dynamodb, [CONFLICT, CONFLICT, CONFLICT])
    assert Inbox(world.inbox, client).apply("e1", "s", 1, effect(world)) is Outcome.APPLIED
    assert client.calls == 4 and shipments(world) == ["order-1"]


@pytest.mark.parametrize("ordering", ["each", "latest", "in_order"])
@pytest.mark.parametrize(
    "reasons",
    [
        CONFLICT,
        ["None", "None", "ThrottlingError"],
        # If the mark is throttled, it is unknown whether the event was applied.
        ["TransactionConflict", "ConditionalCheckFailed", "None"],
        [],
    ],
)
def test_repeated_conflicts_and_throttles_are_raised(world, ordering, reasons):
    inbox = Inbox(world.inbox, Canceling(world.dynamodb, [reasons] * 4), ordering)
    with pytest.raises(ClientError):
        inbox.apply("e1", "s", 1, effect(world))
    assert world.items(world.shipments) == []


class Canceling:
    """A client whose first transactions are canceled as the emulator never does it."""

    def __init__(self, client, reasons):
        self.exceptions = client.exceptions
        self.calls = 0
        self._client, self._reasons = client, iter(reasons)

    def transact_write_items(self, **request):
        self.calls += 1
        reasons = next(self._reasons, None)
        if reasons is None:
            return self._client.transact_write_items(**request)
        parsed = {
            "Error": {"Code": "TransactionCanceledException", "Message": ""},
            "CancellationReasons": [{"Code": each} for each in reasons],
        }
        raise self.exceptions.TransactionCanceledException(parsed, "TransactWriteItems")
