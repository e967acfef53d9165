"""Registrations: events of the shop take effect once, in any order of arrival."""

import base64
import itertools
import json

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..requests import ADA, BOB
from .videos_world import NOW, WEBHOOK_KEY, purchase, signed

NEW_KEY = b"what the shop changes it to"
NUMBERS = itertools.count(1)
LATER = "2027-01-15T07:59:30Z"


def outcome(videos, event_id, **changes):
    answer = videos.register(event_id, **changes)
    assert answer.status == 200, answer.text
    return answer.body["outcome"]


def test_a_purchase_is_registered_once(videos):
    assert outcome(videos, "e1") == "applied"
    (row,) = videos.rows(videos.entitlements)
    assert row["userId"] == {"S": ADA} and row["grant"] == {"S": "item#film#p1"}
    assert "validUntil" not in row and "expiresAt" not in row  # unlimited
    assert outcome(videos, "e1") == "duplicate"
    assert videos.rows(videos.entitlements) == [row]


def test_rows_expire_some_time_after_the_access_ends(videos):
    outcome(videos, "e1", validUntil="2027-02-01T00:00:00Z")
    (row,) = videos.rows(videos.entitlements)
    assert row["validUntil"] == {"N": "1801440000000"}
    assert row["expiresAt"] == {"N": str(1801440000 + 30 * 24 * 3600)}


def test_cancelling_ends_the_access_immediately_and_renewing_restores_it(videos):
    outcome(videos, "e1")
    assert videos.link().status == 201
    assert outcome(videos, "e2", type="cancelled", occurredAt=LATER) == "applied"
    assert videos.link().refused == (403, "path")
    assert outcome(videos, "e3", occurredAt="2027-01-15T07:59:40Z") == "applied"
    assert videos.link().status == 201


def test_a_cancelled_plan_can_continue_to_the_end_of_the_paid_period(videos):
    ends = {"item": None, "validUntil": "2027-01-15T08:05:00Z"}
    outcome(videos, "e1", item=None)
    outcome(videos, "e2", type="cancelled", occurredAt=LATER, **ends)
    assert videos.link().body["expiresAt"] == "2027-01-15T08:05:00.000Z"


def test_a_late_event_changes_nothing(videos):
    assert outcome(videos, "e2", type="cancelled", occurredAt=LATER) == "applied"
    assert outcome(videos, "e1") == "stale"  # it was granted before it was cancelled
    assert videos.link().refused == (403, "path")


@pytest.mark.parametrize("order", [("granted", "cancelled"), ("cancelled", "granted")])
def test_of_two_events_at_the_same_time_the_cancellation_applies(videos, order):
    for number, kind in enumerate(order):
        outcome(videos, f"e{number}", type=kind)
    assert videos.link().refused == (403, "path")


def test_the_end_of_one_purchase_does_not_affect_others(videos):
    outcome(videos, "e1", purchaseId="p1")
    outcome(videos, "e2", purchaseId="p2")
    outcome(videos, "e3", purchaseId="p1", type="cancelled", occurredAt=LATER)
    assert videos.link().status == 201
    outcome(videos, "e4", purchaseId="p2", type="cancelled", occurredAt=LATER)
    assert videos.link().refused == (403, "path")


def test_a_repeated_event_does_not_undo_another_of_the_same_time(videos):
    refund = {"type": "cancelled"}
    dispute = {"type": "cancelled", "validUntil": "2027-03-01T00:00:00Z"}
    outcome(videos, "e1")
    assert outcome(videos, "e2", occurredAt=LATER, **refund) == "applied"
    assert outcome(videos, "e3", occurredAt=LATER, **dispute) == "stale"
    assert outcome(videos, "e2", occurredAt=LATER, **refund) == "duplicate"
    assert videos.link().refused == (403, "path")


def test_of_two_grants_at_the_same_time_the_longer_one_applies(videos):
    for number, month in enumerate(("03", "02")):
        outcome(videos, f"e{number}", validUntil=f"2027-{month}-01T00:00:00Z")
    (row,) = videos.rows(videos.entitlements)
    assert row["validUntil"] == {"N": "1803859200000"}


def test_a_cancellation_without_an_item_ends_everything_of_its_purchase(videos):
    for number, item in enumerate(("film", "series", None)):
        outcome(videos, f"e{number}", item=item)
    outcome(videos, "other", purchaseId="p2", item="film")
    whole = {"type": "cancelled", "item": None, "occurredAt": LATER}
    assert outcome(videos, "e4", **whole) == "applied"
    assert videos.link("series/1.mp4").refused == (403, "path")
    assert videos.link().status == 201  # from the other purchase
    assert outcome(videos, "e4", **whole) == "duplicate"
    assert outcome(videos, "e5", item="late") == "stale"  # granted before the cancellation
    assert videos.link("late/1.mp4").refused == (403, "path")
    assert outcome(videos, "e6", item="late", occurredAt="2027-01-15T07:59:40Z") == "applied"
    assert videos.link("late/1.mp4").status == 201


def test_a_cancellation_that_stopped_halfway_is_completed_when_it_is_repeated(videos, monkeypatch):
    outcome(videos, "e1")
    whole = {"type": "cancelled", "item": None, "occurredAt": LATER}

    def fails(name):
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    with monkeypatch.context() as patch:
        patch.setattr(videos.clients.dynamodb, "get_paginator", fails, raising=False)
        assert videos.register("e2", **whole).status == 503
    assert videos.link().status == 201
    assert outcome(videos, "e2", **whole) == "duplicate"
    assert videos.link().refused == (403, "path")


def test_a_conflict_with_another_event_asks_the_shop_to_send_it_again(videos, monkeypatch):
    answer = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    }
    error = videos.clients.dynamodb.exceptions.TransactionCanceledException

    def conflicts(**_):
        raise error(answer, "TransactWriteItems")

    client = videos.clients.dynamodb
    monkeypatch.setattr(client, "transact_write_items", conflicts, raising=False)
    assert videos.register("e1").status == 503


KINDS = st.sampled_from(["granted", "cancelled"])
ITEMS = st.sampled_from(["film", None])
SECONDS = st.integers(0, 2)
ENDS = st.sampled_from([None, "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z"])


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_and_repetition_has_the_same_result(videos, data):
    events = data.draw(st.lists(st.tuples(KINDS, ITEMS, SECONDS, ENDS), min_size=2, max_size=4))
    repeated = data.draw(st.lists(st.sampled_from(range(len(events))), max_size=3))

    def rights(order):
        purchase_id = f"p{next(NUMBERS)}"
        for number in order:
            kind, item, second, end = events[number]
            at = f"2027-01-15T07:58:0{second}Z"
            changes = {"type": kind, "item": item, "validUntil": end, "occurredAt": at}
            outcome(videos, f"e{number}", purchaseId=purchase_id, **changes)
        return {
            row["grant"]["S"].removesuffix(purchase_id): (row["cancelled"], row.get("validUntil"))
            for row in videos.rows(videos.entitlements)
            if row["grant"]["S"].endswith(f"#{purchase_id}")
        }

    ordered = range(len(events))
    assert rights(data.draw(st.permutations([*ordered, *repeated]))) == rights(ordered)


def test_an_event_older_than_the_known_state_changes_nothing(videos):
    assert outcome(videos, "e1", occurredAt="2026-12-01T00:00:00Z") == "stale"
    assert videos.rows(videos.entitlements) == []


def send(videos, headers, body=None, **parts):
    body = json.dumps(purchase()) if body is None else body
    function = videos.registration()
    return videos.call(
        "POST /registrations", function, user=None, headers=headers, body=body, **parts
    )


BODY = json.dumps(purchase())
OTHER = json.dumps(purchase(userId=BOB))
FORGERIES = {
    "no signature": {"webhook-signature": ""},
    "nonsense": {"webhook-signature": "v1,nonsense"},
    "not ASCII": {"webhook-signature": "v1,\u00e9"},
    "of another key": signed("e1", NOW, BODY, b"guessed"),
    "of another body": signed("e1", NOW, OTHER),
    "of another message": {"webhook-id": "e2"},
    "of another time": {"webhook-timestamp": str(int(NOW) + 1)},
    "of another version": {
        "webhook-signature": signed("e1", NOW, BODY)["webhook-signature"].replace("v1,", "v2,")
    },
    "without a version": {
        "webhook-signature": signed("e1", NOW, BODY)["webhook-signature"].removeprefix("v1,")
    },
    "no message": {"webhook-id": ""},
    "an ambiguous message": {"webhook-id": "e1.1800000000"},
    "no time": {"webhook-timestamp": ""},
    "a negative time": {"webhook-timestamp": "-1"},
}


@pytest.mark.parametrize("changes", FORGERIES.values(), ids=FORGERIES.keys())
def test_forged_requests_are_rejected(videos, changes):
    answer = send(videos, {**signed("e1", NOW, BODY), **changes}, BODY)
    assert answer.status == 401
    assert videos.rows(videos.entitlements) == []


@pytest.mark.parametrize("seconds", [-301, 302, 10**6])
def test_a_captured_request_cannot_be_replayed_later(videos, seconds):
    headers = signed("e1", NOW, BODY)
    videos.now += seconds
    assert send(videos, headers, BODY).refused == (401, "webhook-timestamp")
    assert videos.rows(videos.entitlements) == []


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_clocks_can_differ_by_five_minutes(videos, seconds):
    assert send(videos, signed("e1", NOW + seconds, BODY), BODY).status == 200


def test_a_captured_request_that_is_replayed_immediately_changes_nothing(videos):
    grant = signed("e1", NOW, BODY)
    assert send(videos, grant, BODY).body == {"outcome": "applied"}
    outcome(videos, "e2", type="cancelled", occurredAt=LATER)
    assert send(videos, grant, BODY).body == {"outcome": "stale"}
    assert videos.link().refused == (403, "path")


def test_white_space_is_part_of_the_signed_body(videos):
    body = json.dumps(purchase(), indent=2)
    encoded = base64.b64encode(body.encode()).decode()
    answer = send(videos, signed("e1", NOW, body), encoded, isBase64Encoded=True)
    assert answer.body == {"outcome": "applied"}
    assert send(videos, signed("e1", NOW, body), json.dumps(purchase())).status == 401


def test_the_shop_changes_its_secret(videos):
    function = videos.registration()

    def sends(key):
        headers = signed("e1", videos.now, BODY, key)
        parts = {"user": None, "headers": headers, "body": BODY}
        return videos.call("POST /registrations", function, **parts).status

    assert sends(WEBHOOK_KEY) == 200
    videos.share(WEBHOOK_KEY, NEW_KEY)
    assert sends(NEW_KEY) == 401  # the new secret is not read yet
    videos.now += 60
    assert sends(NEW_KEY) == sends(WEBHOOK_KEY) == 200
    videos.share(NEW_KEY)
    videos.now += 60
    assert sends(WEBHOOK_KEY) == 401
    both = signed("e1", videos.now, BODY)["webhook-signature"]
    headers = signed("e1", videos.now, BODY, NEW_KEY)
    headers["webhook-signature"] = f"{both} {headers['webhook-signature']}"
    answer = videos.call("POST /registrations", function, user=None, headers=headers, body=BODY)
    assert answer.status == 200  # the shop signs with both secrets during the change


@pytest.mark.parametrize("key", [b"", b"x" * 23, b"x" * 65])
def test_a_secret_of_a_wrong_length_is_an_error_and_not_a_key(videos, key: bytes):
    videos.share(key)
    with pytest.raises(ValueError, match="24 to 64 bytes"):
        send(videos, signed("e1", videos.now, BODY, key), BODY)


def test_nothing_is_registered_before_a_secret_is_set(videos):
    videos.secret = "no-such-secret"
    assert send(videos, signed("e1", NOW, BODY), BODY).status == 503
    videos.clients.secretsmanager.create_secret(Name="no-such-secret")
    assert send(videos, signed("e1", NOW, BODY), BODY).status == 503


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "stolen"}, "type"),
        ({"userId": "a#b"}, "userId"),
        ({"userId": ""}, "userId"),
        ({"userId": None}, "userId"),
        ({"purchaseId": "p#1"}, "purchaseId"),
        ({"item": "film#x"}, "item"),
        ({"item": "film/1.mp4"}, "item"),
        ({"validUntil": "soon"}, "validUntil"),
        ({"validUntil": "2027-02-30T00:00:00Z"}, "validUntil"),
        ({"occurredAt": "2027-01-15T08:05:02Z"}, "occurredAt"),
        ({"occurredAt": None}, "occurredAt"),
        ({"price": 1}, "price"),
    ],
)
def test_invalid_events_are_rejected_even_if_signed(videos, changes, field):
    assert videos.register("e1", **changes).refused == (400, field)
    assert videos.rows(videos.entitlements) == []
