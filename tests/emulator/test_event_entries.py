"""PutEvents rejects invalid entries, one by one."""

import json

import pytest
from botocore.exceptions import ClientError

GOOD = {"Source": "shop", "DetailType": "x", "Detail": "{}", "EventBusName": "orders"}


def put(cloud, *entries):
    return cloud.client("events").put_events(Entries=list(entries))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"Detail": "{"}, "MalformedDetail"),
        ({"Detail": "[1]"}, "MalformedDetail"),
        ({"Detail": ""}, "InvalidArgument"),
        ({"Source": ""}, "InvalidArgument"),
        ({"DetailType": ""}, "InvalidArgument"),
    ],
)
def test_an_invalid_entry_is_reported_and_the_others_are_accepted(cloud, wrong, code):
    url, arn = cloud.queue("q")
    cloud.allow_rule(url, arn, cloud.rule(arn))
    answer = put(cloud, GOOD, {**GOOD, **wrong}, GOOD)
    assert answer["FailedEntryCount"] == 1
    first, second, third = answer["Entries"]
    assert second["ErrorCode"] == code and second["ErrorMessage"]
    assert first["EventId"] != third["EventId"]
    assert len(cloud.received(url)) == 2


def test_only_invalid_entries(cloud):
    cloud.client("events").create_event_bus(Name="orders")
    answer = put(cloud, {**GOOD, "Detail": "no"})
    assert answer["FailedEntryCount"] == 1


def test_a_request_that_is_too_large_is_rejected(cloud):
    cloud.client("events").create_event_bus(Name="orders")
    half = {**GOOD, "Detail": json.dumps({"text": "x" * 128 * 1024})}
    assert put(cloud, half)["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="Total size of the entries"):
        put(cloud, half, half)


def test_stock_accepts_everything(stock):
    large = {**GOOD, "Detail": json.dumps({"text": "x" * 300 * 1024})}
    assert put(stock, large, {**GOOD, "Detail": "no"})["FailedEntryCount"] == 0
