"""The publisher sends rows in batches, in order per aggregate. Each is sent, parked or reported."""

import json
import math
from collections import Counter
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st
from outbox_pipeline._shared.publisher import Publisher, PublisherSettings
from outbox_pipeline._shared.publisher.bus import NON_RETRYABLE

from ..aws import make_clients
from ..events import insert, row

SETTINGS = PublisherSettings("outbox", "bus", "claims", "failures", 7)


class FakeBus:
    """A bus that rejects the entries that a test selects. The other services accept everything.

    The emulator's bus does not throttle single entries, and its limits differ from those of AWS.
    """

    def __init__(self, refuse=None):
        self.calls = []
        self.took = []
        self.objects = {}
        self.marked = []
        self._refuse = refuse or (lambda event_id, attempt: None)
        self._attempts = Counter()
        self.events = self.dynamodb = self.s3 = self

    def put_events(self, Entries):
        assert 1 <= len(Entries) <= 10
        ids = [json.loads(entry["Detail"])["metadata"]["eventId"] for entry in Entries]
        self.calls.append(ids)
        results = []
        for event_id in ids:
            self._attempts[event_id] += 1
            code = self._refuse(event_id, self._attempts[event_id])
            if isinstance(code, Exception):
                raise code
            if code is None:
                self.took.append(event_id)
            results.append({"ErrorCode": code} if code else {"EventId": "x"})
        failed = sum("ErrorCode" in each for each in results)
        return {"FailedEntryCount": failed, "Entries": results}

    def put_object(self, Bucket, Key, Body, ContentType):
        self.objects[f"{Bucket}/{Key}"] = Body

    def batch_execute_statement(self, Statements):
        assert len(Statements) <= 25
        self.marked += [each["Parameters"][-2]["S"] for each in Statements]
        return {"Responses": [{} for _ in Statements]}

    def publisher(self, **options):
        return Publisher(SETTINGS, self, **{"pauses": (0, 0), **options})


def records(*keys):
    return [insert(row(aggregate, sequence), i) for i, (aggregate, sequence) in enumerate(keys)]


orders = st.lists(
    st.tuples(st.sampled_from("abcdefghijklmnop"), st.integers(1, 9)), unique=True, max_size=60
)


@given(orders)
def test_each_row_is_sent_once_in_the_order_of_its_aggregate(keys):
    bus = FakeBus()
    report = bus.publisher().publish(records(*keys))

    assert (report.sent, report.parked, report.failed) == (len(keys), 0, [])
    assert sorted(bus.took) == sorted(f"{a}-{n}" for a, n in keys)
    for aggregate in {aggregate for aggregate, _ in keys}:
        mine = [int(event_id[2:]) for event_id in bus.took if event_id[0] == aggregate]
        assert mine == sorted(mine)
    for call in bus.calls:
        assert len({event_id[0] for event_id in call}) == len(call)
    longest = max(Counter(aggregate for aggregate, _ in keys).values(), default=0)
    assert len(bus.calls) <= math.ceil(len(keys) / 10) + longest
    assert sorted(bus.marked) == sorted(aggregate for aggregate, _ in keys)


@pytest.mark.parametrize(("count", "per_order"), [(1, 1), (10, 1), (11, 1), (100, 2), (1000, 2)])
def test_the_number_of_calls_is_minimal(count, per_order):
    bus = FakeBus()
    keys = [(f"order-{i // per_order}", i % per_order + 1) for i in range(count)]
    bus.publisher().publish(records(*keys))
    assert len(bus.calls) == math.ceil(count / 10)


@given(orders, st.data())
def test_after_a_failure_later_rows_of_the_aggregate_are_not_sent(keys, data):
    bad = data.draw(st.sets(st.sampled_from(keys))) if keys else set()
    refuse = {f"{a}-{n}" for a, n in bad}
    bus = FakeBus(lambda event_id, attempt: "InternalFailure" if event_id in refuse else None)
    report = bus.publisher().publish(records(*keys))

    first_bad = {}
    for aggregate, sequence in bad:
        first_bad[aggregate] = min(sequence, first_bad.get(aggregate, sequence))
    held = {(a, n) for a, n in keys if n >= first_bad.get(a, math.inf)}
    assert {keys[i] for i in report.failed} == held
    assert sorted(bus.took) == sorted(f"{a}-{n}" for a, n in set(keys) - held)
    assert report.sent == len(keys) - len(held)


@given(st.lists(st.integers(100, 3000), max_size=40), st.integers(1500, 6000))
def test_calls_are_limited_in_bytes(sizes, limit):
    sizes_seen = []

    class Sized(FakeBus):
        def put_events(self, Entries):
            size = sum(len((e["Source"] + e["DetailType"] + e["Detail"]).encode()) for e in Entries)
            sizes_seen.append((size, len(Entries)))
            return super().put_events(Entries)

    bus = Sized()
    rows = [
        row(f"o{i}", detail={"S": json.dumps({"metadata": {"eventId": f"o{i}"}, "x": "é" * size})})
        for i, size in enumerate(sizes)
    ]
    report = bus.publisher(entry_limit=limit).publish([insert(each, 1) for each in rows])
    assert report.sent == len(sizes)
    assert all(size <= limit for size, _ in sizes_seen)


@pytest.mark.parametrize("code", ["InternalFailure", "ThrottlingException", "SomethingNew"])
def test_only_failed_entries_are_retried(code):
    bus = FakeBus(lambda event_id, attempt: code if event_id == "b-1" and attempt < 3 else None)
    report = bus.publisher().publish(records(("a", 1), ("b", 1), ("c", 1)))
    assert bus.calls == [["a-1", "b-1", "c-1"], ["b-1"], ["b-1"]]
    assert (report.sent, report.failed) == (3, [])


def test_an_entry_that_keeps_failing_is_reported():
    bus = FakeBus(lambda event_id, attempt: "ThrottlingException" if event_id == "b-1" else None)
    report = bus.publisher().publish(records(("a", 1), ("b", 1), ("b", 2), ("c", 1)))
    assert (report.sent, report.parked, report.failed) == (2, 0, [1, 2])
    assert bus.marked == ["a", "c"]
    assert bus.objects == {}


@pytest.mark.parametrize("code", sorted(NON_RETRYABLE))
def test_an_entry_that_cannot_succeed_is_parked_and_blocks_nothing(code):
    bus = FakeBus(lambda event_id, attempt: code if event_id == "b-1" else None)
    batch = records(("a", 1), ("b", 1), ("b", 2), ("c", 1))
    report = bus.publisher().publish(batch)
    assert (report.sent, report.parked, report.failed) == (3, 1, [])
    assert bus.took == ["a-1", "c-1", "b-2"]
    parked = json.loads(bus.objects["failures/parked/b-1.json"])
    assert parked["reason"] == code
    assert parked["payload"] == {"Records": [batch[1]]}


def refused(code):
    return ClientError({"Error": {"Code": code, "Message": ""}}, "PutEvents")


def test_a_call_that_fails_because_of_one_entry_is_split():
    spoilt = refused("ValidationException")
    bus = FakeBus(lambda event_id, attempt: spoilt if event_id == "b-1" else None)
    report = bus.publisher().publish(records(("a", 1), ("b", 1), ("c", 1)))
    assert (report.sent, report.parked, report.failed) == (2, 1, [])


@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("AccessDeniedException"),
        EndpointConnectionError(endpoint_url="x"),
    ],
)
def test_a_call_without_a_response_is_reported(error):
    bus = FakeBus(lambda event_id, attempt: error)
    report = bus.publisher().publish(records(("a", 1), ("b", 1)))
    assert (report.sent, report.parked, report.failed) == (0, 0, [0, 1])
    assert len(bus.calls) == 1


MISSING = ["source", "detailType", "detail"]


@pytest.mark.parametrize("name", MISSING)
def test_a_row_without_a_required_attribute_is_parked_completely(world, name):
    bad = row("bad", **{name: None})
    world.put_rows(row("good"), bad)
    batch = [insert(row("good")), insert(bad)]
    report = world.publisher().publish(batch)

    assert (report.sent, report.parked, report.failed) == (1, 1, [])
    [(key, parked)] = world.objects(world.failures).items()
    assert key == "parked/bad-1.json"
    assert parked["payload"] == {"Records": [batch[1]]}
    assert name in parked["reason"]
    kept = world.outbox_row("bad")
    assert "pending" not in kept and "expiresAt" not in kept and "parkedAt" in kept
    assert "pending" not in world.outbox_row("good")


@pytest.mark.parametrize("record", [{"eventName": "INSERT"}, {"dynamodb": {"NewImage": {}}}])
def test_a_record_without_a_row_is_parked_under_a_stable_key(world, record):
    for _ in range(2):
        report = world.publisher().publish([record])
        assert (report.parked, report.failed) == (1, [])
    [parked] = world.objects(world.failures).values()
    assert parked["payload"] == {"Records": [record]}


def test_a_source_that_the_bus_rejects(world):
    """The emulator rejects events of `aws.*`, as AWS does."""
    bad = row("bad", source={"S": "aws.orders"})
    world.put_rows(bad)
    report = world.publisher().publish([insert(bad), insert(row("good"))])
    assert (report.sent, report.parked) == (1, 1)
    assert world.objects(world.failures)["parked/bad-1.json"]["reason"] == (
        "NotAuthorizedForSourceException"
    )
    assert "parkedAt" in world.outbox_row("bad")


def test_a_large_detail_uses_the_claim_check(world):
    large = row("large")
    detail = json.loads(large["detail"]["S"])
    detail["data"]["note"] = "é" * 150_000
    large["detail"]["S"] = json.dumps(detail, ensure_ascii=False)
    for _ in range(2):
        assert world.publisher().publish([insert(large)]).sent == 1

    assert world.objects(world.claims) == {"claims/large-1.json": detail}
    for event in world.delivered():
        assert event["detail"] == {
            "metadata": detail["metadata"],
            "claimCheck": {"bucket": world.claims, "key": "claims/large-1.json"},
        }


@pytest.mark.parametrize("detail", ["x" * 300_000, json.dumps({"data": "x" * 300_000})])
def test_a_large_detail_without_metadata_is_parked(world, detail):
    report = world.publisher().publish([insert(row("large", detail={"S": detail}))])
    assert (report.sent, report.parked, report.failed) == (0, 1, [])


def test_a_claim_that_cannot_be_stored_stops_its_aggregate(world):
    broken = SimpleNamespace(dynamodb=world.dynamodb, events=world.events)
    broken.s3 = make_clients(world.emulator, "s3").s3
    broken.s3.meta.events.register("before-call.s3", _raise)
    large = json.dumps({"metadata": {"eventId": "a-2"}, "data": "x" * 300_000})
    batch = [insert(row("a")), insert(row("a", 2, detail={"S": large})), insert(row("b"))]
    report = world.publisher(broken).publish(batch)
    assert (report.sent, report.failed) == (1, [0, 1])
    parkable = [insert(row("c", source=None))]
    assert world.publisher(broken).publish(parkable).failed == [0]


def _raise(**_):
    raise EndpointConnectionError(endpoint_url="s3")


def test_sent_rows_expire_and_leave_the_index(world):
    rows = [row(f"o{i}") for i in range(30)]
    world.put_rows(*rows)
    world.publisher().publish([insert(each) for each in rows])
    for kept in world.items(world.outbox):
        assert "pending" not in kept
        assert kept["sentAt"]["S"].startswith("20")
        assert kept["expiresAt"]["N"].isdigit()
    index = world.dynamodb.scan(TableName=world.outbox, IndexName="pending")
    assert index["Items"] == []


def test_a_mark_does_not_restore_a_deleted_row(world):
    report = world.publisher().publish([insert(row("gone"))])
    assert (report.sent, report.failed) == (1, [])
    assert world.items(world.outbox) == []


def test_a_failed_mark_does_not_fail_a_record(world, caplog):
    world.put_rows(row("a"))
    clients = SimpleNamespace(events=world.events, s3=world.s3)
    clients.dynamodb = make_clients(world.emulator, "dynamodb").dynamodb
    clients.dynamodb.meta.events.register("before-call.dynamodb.BatchExecuteStatement", _raise)
    report = world.publisher(clients).publish([insert(row("a"))])
    assert (report.sent, report.failed) == (1, [])
    assert "pending" in world.outbox_row("a")
    assert "rows not marked" in caplog.text


def test_remaining_records_are_reported_when_time_runs_out():
    bus = FakeBus()
    time_left = iter([True, True, False])
    report = bus.publisher().publish(
        records(*((f"o{i}", 1) for i in range(35))), lambda: next(time_left)
    )
    assert report.sent == 20
    assert report.failed == list(range(20, 35))
