"""EventBridge needs permissions for targets, and uses dead-letter queues."""

import json

import pytest

from tests.emulator.cloud import until

RECORDER = "import json\ndef handler(event, context):\n    print(json.dumps(event))"


def details(cloud, url):
    return [body["detail"] for body in cloud.received(url)]


def permit(cloud, rule, function="f"):
    cloud.client("lambda").add_permission(
        FunctionName=function,
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )


def test_a_queue_receives_events_of_the_rule_in_its_policy(cloud):
    url, arn = cloud.queue("q", SqsManagedSseEnabled="true")
    cloud.allow_rule(url, arn, cloud.rule(arn))
    assert cloud.emit({"n": 1})["FailedEntryCount"] == 0
    assert details(cloud, url) == [{"n": 1}]


def test_another_rule_is_not_allowed(cloud):
    url, arn = cloud.queue("q")
    cloud.allow_rule(url, arn, cloud.rule(arn) + "-other")
    cloud.emit({"n": 1})
    assert details(cloud, url) == []


def test_a_queue_without_policy_receives_nothing(cloud):
    url, arn = cloud.queue("q")
    cloud.rule(arn)
    cloud.emit({"n": 1})
    assert details(cloud, url) == []


def test_the_dead_letter_queue_receives_the_whole_event(cloud):
    _, arn = cloud.queue("q")
    dead_url, dead = cloud.queue("dead")
    rule = cloud.rule(arn, DeadLetterConfig={"Arn": dead})
    cloud.allow_rule(dead_url, dead, rule)
    cloud.emit({"n": 1})
    [message] = cloud.client("sqs").receive_message(
        QueueUrl=dead_url, MessageAttributeNames=["All"]
    )["Messages"]
    body = json.loads(message["Body"])
    assert (body["source"], body["detail"]) == ("shop", {"n": 1})
    attributes = {
        name: value["StringValue"] for name, value in message["MessageAttributes"].items()
    }
    assert attributes["RULE_ARN"] == rule
    assert attributes["TARGET_ARN"] == arn
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"


def test_a_dead_letter_queue_must_allow_the_rule_too(cloud):
    _, arn = cloud.queue("q")
    dead_url, dead = cloud.queue("dead")
    cloud.rule(arn, DeadLetterConfig={"Arn": dead})
    cloud.emit({"n": 1})
    assert cloud.received(dead_url) == []


def test_events_for_a_missing_queue_go_to_the_dead_letter_queue(cloud):
    dead_url, dead = cloud.queue("dead")
    gone = dead.replace("dead", "gone")
    cloud.allow_rule(dead_url, dead, cloud.rule(gone, DeadLetterConfig={"Arn": dead}))
    cloud.emit({"n": 1})
    assert details(cloud, dead_url) == [{"n": 1}]


def test_a_function_needs_a_permission_for_the_rule(cloud):
    arn = cloud.function("f", RECORDER)
    rule = cloud.rule(arn)
    cloud.emit({"n": 1})
    permit(cloud, rule + "-other")
    cloud.emit({"n": 2})
    cloud.client("lambda").remove_permission(FunctionName="f", StatementId="s")
    permit(cloud, rule)
    cloud.emit({"n": 3})
    [line] = until(lambda: cloud.printed("f"))
    assert json.loads(line)["detail"] == {"n": 3}


def test_a_failing_function_is_retried(cloud):
    source = "def handler(event, context):\n    print('tried')\n    raise ValueError"
    permit(cloud, cloud.rule(cloud.function("f", source)))
    cloud.emit({"n": 1})
    until(lambda: cloud.printed("f").count("tried") == 2)


def test_a_burst_loses_no_event(cloud):
    permit(cloud, cloud.rule(cloud.function("f", RECORDER)))
    entry = {"Source": "shop", "DetailType": "x", "EventBusName": "orders"}
    for start in range(0, 200, 10):
        entries = [{**entry, "Detail": json.dumps({"n": n})} for n in range(start, start + 10)]
        cloud.client("events").put_events(Entries=entries)
    lines = until(lambda: (found := cloud.printed("f")) and len(found) >= 200 and found)
    assert sorted(json.loads(line)["detail"]["n"] for line in lines) == list(range(200))


def test_only_matching_events_are_delivered(cloud):
    url, arn = cloud.queue("q")
    pattern = {"source": ["shop"], "detail": {"kind": ["big"]}}
    cloud.allow_rule(url, arn, cloud.rule(arn, pattern=pattern))
    cloud.emit({"kind": "small"})
    cloud.emit({"kind": "big"}, source="other")
    cloud.emit({"kind": "big"})
    assert details(cloud, url) == [{"kind": "big"}]


def test_archived_events_can_be_replayed(cloud):
    url, arn = cloud.queue("q")
    cloud.allow_rule(url, arn, cloud.rule(arn))
    events = cloud.client("events")
    bus = events.describe_event_bus(Name="orders")["Arn"]
    archive = events.create_archive(ArchiveName="a", EventSourceArn=bus)["ArchiveArn"]
    cloud.emit({"n": 1})
    assert details(cloud, url) == [{"n": 1}]
    events.start_replay(
        ReplayName="again",
        EventSourceArn=archive,
        EventStartTime=0,
        EventEndTime=4_000_000_000,
        Destination={"Arn": bus},
    )
    [again] = until(lambda: cloud.received(url))
    assert (again["detail"], again["replay-name"]) == ({"n": 1}, "again")


@pytest.mark.parametrize("target", ["queue", "function"])
def test_stock_needs_no_permission(stock, target):
    url, queue = stock.queue("q")
    stock.rule(queue if target == "queue" else stock.function("f", RECORDER))
    stock.emit({"n": 1})
    until(lambda: stock.received(url) if target == "queue" else stock.printed("f"))
