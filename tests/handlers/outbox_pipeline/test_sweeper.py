"""The sweeper resends unmarked rows, oldest first, and reports the lag."""

import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from outbox import Event
from outbox.event import row as written
from partial_batch import more_time
from pending_index import SHARDS, shard_of

from ..aws import make_clients
from ..events import Context, row


def aged(aggregate, seconds, sequence=1, **changes):
    created = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
    pending = {"S": shard_of(aggregate)}
    return row(aggregate, sequence, createdAt={"S": created}, pending=pending, **changes)


def sent(world):
    return [each["detail"]["metadata"]["eventId"] for each in world.delivered()]


def metrics(capsys):
    [line] = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_the_lag_is_reported_if_nothing_is_due(world, capsys):
    assert world.sweep()(lambda: True)["oldestUnsentSeconds"] == 0
    line = metrics(capsys)
    assert (line["OldestUnsentSeconds"], line["Resent"]) == (0, 0)
    world.put_rows(aged("young", 20), aged("younger", 10))
    assert world.sweep()(lambda: True)["resent"] == 0
    assert 20 <= metrics(capsys)["OldestUnsentSeconds"] <= 25
    assert sent(world) == []


def test_due_rows_are_sent_oldest_first_and_marked(world, capsys):
    world.put_rows(aged("b", 200), aged("c", 100), aged("a", 300), aged("young", 5))
    result = world.sweep()(lambda: True)
    assert result == {"oldestUnsentSeconds": 300, "resent": 3, "parked": 0, "failed": 0}
    assert sent(world) == ["a-1", "b-1", "c-1"]
    assert "pending" in world.outbox_row("young")
    assert not [each for each in "abc" if "pending" in world.outbox_row(each)]
    line = metrics(capsys)
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "Colonnade",
            "Dimensions": [["OutboxTable"]],
            "Metrics": [
                {"Name": "OldestUnsentSeconds", "Unit": "Seconds"},
                {"Name": "Resent", "Unit": "Count"},
            ],
        }
    ]
    assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60
    assert (line["OutboxTable"], line["Resent"]) == (world.outbox, 3)
    assert world.sweep()(lambda: True)["resent"] == 0


def test_rows_of_every_shard_are_found(world):
    """The writer spreads rows over the shards, and the sweeper finds them all."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    events = [Event("OrderCreated", 1, f"order-{number}", 1, {}) for number in range(60)]
    rows = [written(event, "colonnade.orders", long_ago) for event in events]
    assert len({each["pending"]["S"] for each in rows}) == SHARDS
    world.put_rows(*rows)
    assert world.sweep()(lambda: True)["resent"] == 60


def test_more_rows_than_one_read_returns(world):
    world.put_rows(*(aged(f"o{i:03}", 5000 - i) for i in range(230)))
    assert world.sweep()(lambda: True)["resent"] == 230
    # Calls are in order, oldest first. Within one PutEvents call the order is not defined.
    order = [int(event_id[1:4]) // 100 for event_id in sent(world)]
    assert order == sorted(order)


def test_rows_of_one_order_keep_their_order(world):
    world.put_rows(aged("a", 100, 2), aged("a", 100, 1), aged("a", 70, 3))
    world.sweep()(lambda: True)
    assert sent(world) == ["a-1", "a-2", "a-3"]


def test_rows_that_are_only_in_the_outdated_index_are_skipped(world):
    """The index is eventually consistent: a row that has since been marked is not resent."""
    world.put_rows(aged("marked", 100), aged("gone", 100), aged("due", 100))
    lagging = make_clients(world.emulator, "dynamodb").dynamodb

    def mark(**_):
        world.put_rows(row("marked", pending=None))
        key = {"aggregateId": {"S": "gone"}, "sequence": {"N": "1"}}
        world.dynamodb.delete_item(TableName=world.outbox, Key=key)

    lagging.meta.events.register("before-call.dynamodb.BatchGetItem", mark)
    clients = SimpleNamespace(dynamodb=lagging, events=world.events, s3=world.s3)
    assert world.sweep(clients)(lambda: True)["resent"] == 1
    assert sent(world) == ["due-1"]


def test_unprocessed_keys_are_requested_again(world):
    world.put_rows(*(aged(f"o{i}", 100) for i in range(5)))
    client = make_clients(world.emulator, "dynamodb").dynamodb
    asked = []

    def only_two(parsed, **_):
        [rows] = parsed["Responses"].values()
        asked.append(len(rows))
        keys = [{name: each[name] for name in ("aggregateId", "sequence")} for each in rows[2:]]
        if keys:
            request = {"Keys": keys, "ConsistentRead": True}
            parsed["UnprocessedKeys"] = {world.outbox: request}
            del rows[2:]

    client.meta.events.register("after-call.dynamodb.BatchGetItem", only_two)
    clients = SimpleNamespace(dynamodb=client, events=world.events, s3=world.s3)
    assert world.sweep(clients)(lambda: True)["resent"] == 5
    assert asked == [5, 3, 1]


def test_a_row_that_cannot_be_read_is_not_overtaken(world):
    """DynamoDB throttles a partition, and the SDK has given up."""
    world.put_rows(*(aged("a", 100, sequence=number) for number in (1, 2)), aged("b", 90))
    client = make_clients(world.emulator, "dynamodb").dynamodb

    def without_the_first(parsed, **_):
        [rows] = parsed["Responses"].values()
        first = [
            each for each in rows if (each["aggregateId"]["S"], each["sequence"]["N"]) == ("a", "1")
        ]
        parsed["Responses"][world.outbox] = [each for each in rows if each not in first]
        keys = [{"aggregateId": {"S": "a"}, "sequence": {"N": "1"}}]
        parsed["UnprocessedKeys"] = {world.outbox: {"Keys": keys, "ConsistentRead": True}}

    client.meta.events.register("after-call.dynamodb.BatchGetItem", without_the_first)
    clients = SimpleNamespace(dynamodb=client, events=world.events, s3=world.s3)
    result = world.sweep(clients)(lambda: True)
    assert (result["resent"], result["failed"]) == (1, 1)
    assert sent(world) == ["b-1"]
    assert world.sweep()(lambda: True)["resent"] == 2


def test_a_run_ends_before_the_timeout(world):
    world.put_rows(*(aged(f"o{i}", 100) for i in range(25)))
    time_left = iter([True, True, True, False, False])
    result = world.sweep()(lambda: next(time_left))
    assert (result["resent"], result["failed"]) == (20, 5)
    assert world.sweep()(lambda: True)["resent"] == 5
    assert more_time(Context(10_000))() and not more_time(Context(1_000))()


def test_later_rows_of_a_failed_order_are_not_sent_in_the_run(world):
    """150 rows need two reads. A later row of the failed order is in the second."""
    filler = [aged(f"o{i:03}", 900 - i) for i in range(120)]
    first, last = aged("a", 1000, 1), aged("a", 100, 2)
    world.put_rows(first, last, *filler)
    events = make_clients(world.emulator, "events").events

    sent_ids = []

    def lose_first_call(**_):
        sent_ids.append(1)
        if len(sent_ids) == 1:
            parsed = {"Error": {"Code": "AccessDeniedException", "Message": ""}}
            return SimpleNamespace(status_code=400), {**parsed, "ResponseMetadata": {}}
        return None

    events.meta.events.register("before-call.events.PutEvents", lose_first_call)
    clients = SimpleNamespace(dynamodb=world.dynamodb, events=events, s3=world.s3)
    result = world.sweep(clients)(lambda: True)
    assert result["failed"] == 10
    assert not {"a-1", "a-2"} & set(sent(world))
    assert world.sweep()(lambda: True)["resent"] == 11
    assert [each for each in sent(world) if each[0] == "a"] == ["a-1", "a-2"]


@pytest.mark.parametrize("created", ["yesterday", "2026-01-01T00:00:00"])
def test_an_invalid_or_local_time_is_treated_as_old(world, created):
    world.put_rows(row("a", createdAt={"S": created}))
    assert world.sweep()(lambda: True)["resent"] == 1


def test_a_row_that_cannot_succeed_is_parked_once(world):
    world.put_rows(aged("bad", 100, detail=None), aged("good", 100))
    assert world.sweep()(lambda: True)["parked"] == 1
    assert world.sweep()(lambda: True)["parked"] == 0
    [parked] = world.objects(world.failures).values()
    image = parked["payload"]["Records"][0]["dynamodb"]["NewImage"]
    assert image["eventId"]["S"] == "bad-1"
