"""Queue: subscriptions, consumer and arguments."""

import json
from pathlib import Path

import pytest

from components.queue import Queue
from tests.conftest import Build
from tests.projects import PYTHON

TOPIC = "arn:aws:sns:us-east-1:123456789012:news"


@pytest.fixture
def consumer(tmp_path: Path) -> dict:
    """Return the arguments of a consumer with code in a folder of the caller."""
    (tmp_path / "app.py").write_text("def handler(event, context): return {}\n")
    return {"code": str(tmp_path)}


def queue(build: Build, **args):
    return build(lambda: Queue("work", {"functions": {"python": PYTHON}, **args}))


def statements(graph, name: str) -> list[dict]:
    return json.loads(graph.one(name).inputs["policy"])["Statement"]


def test_a_queue_without_a_consumer_has_dead_letters_and_no_function(build: Build):
    graph = queue(build)
    inputs, dead = graph.one("work-queue").inputs, graph.one("work-queue-dead")
    redrive = json.loads(inputs["redrivePolicy"])
    assert redrive == {"deadLetterTargetArn": dead.outputs["arn"], "maxReceiveCount": 10}
    assert inputs["sqsManagedSseEnabled"] is dead.inputs["sqsManagedSseEnabled"] is True
    assert inputs["visibilityTimeoutSeconds"] == 30
    assert [each["Effect"] for each in statements(graph, "work-queue-policy")] == ["Deny"]
    assert not graph.of("Function") and not graph.of("TopicSubscription")


def test_only_its_topics_can_send(build: Build):
    topics = [TOPIC, f"{TOPIC}-2"]
    graph = queue(build, subscriptions=[{"topic_arn": each} for each in topics])
    for name in ("work-queue-policy", "work-undelivered-policy"):
        [_, allowed] = statements(graph, name)
        assert allowed["Principal"] == {"Service": "sns.amazonaws.com"}
        assert allowed["Action"] == ["sqs:SendMessage"]
        assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": topics}}


def test_subscriptions_filter_and_keep_what_cannot_be_delivered(build: Build):
    subscription = {
        "topic_arn": TOPIC,
        "filter_policy": {"type": ["OrderPlaced", {"prefix": "Refund"}]},
        "filter_policy_scope": "MessageBody",
    }
    graph = queue(build, subscriptions=[subscription, {"topic_arn": TOPIC}])
    filtered, plain = (graph.one(f"work-subscription-{number}").inputs for number in (0, 1))
    assert json.loads(filtered["filterPolicy"]) == subscription["filter_policy"]
    assert filtered["filterPolicyScope"] == "MessageBody"
    assert "filterPolicy" not in plain and plain["rawMessageDelivery"] is True
    undelivered = graph.one("work-undelivered", "Queue").outputs["arn"]
    assert json.loads(plain["redrivePolicy"]) == {"deadLetterTargetArn": undelivered}
    waits = set(graph.one("work-subscription-0").dependencies)
    assert {
        graph.one(each).urn for each in ("work-queue-policy", "work-undelivered-policy")
    } <= waits


def test_the_visibility_follows_the_consumer(build: Build, consumer: dict):
    consumer |= {"timeout": 60, "batch_size": 100, "window_seconds": 5, "max_concurrency": 3}
    graph = queue(build, consumer=consumer)
    assert graph.one("work-queue").inputs["visibilityTimeoutSeconds"] == 365
    mapping = graph.one("work-mapping").inputs
    assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (100, 5)
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["scalingConfig"] == {"maximumConcurrency": 3}


@pytest.mark.parametrize(
    ("args", "of_consumer", "problem"),
    [
        (
            {"visibility_timeout_seconds": 100},
            {"timeout": 30},
            "visibility_timeout_seconds: is 100; it must be at least 180",
        ),
        ({}, {"batch_size": 11}, "more than 10 require `consumer.window_seconds`"),
        ({"fifo": True}, {"batch_size": 11, "window_seconds": 1}, "it must be at most 10, as"),
        ({"fifo": True}, {"window_seconds": 1}, "for which Lambda has no window"),
        ({}, {"batch_size": 10_001}, "consumer.batch_size: is 10001; it must be from 1 to 10000"),
        ({}, {"window_seconds": 301}, "consumer.window_seconds: is 301; it must be from 0 to 300"),
        ({}, {"max_concurrency": 1}, "consumer.max_concurrency: is 1; it must be from 2 to 1000"),
        ({}, {"cod": "x"}, "consumer.cod: is not an argument; did you mean `code`"),
        ({"functions": {"reserved_concurrency": 1}}, {}, "needs at least 2, or 0 to pause it"),
    ],
)
def test_the_error_names_what_is_wrong_with_the_consumer(
    build: Build, consumer: dict, args: dict, of_consumer: dict, problem: str
):
    with pytest.raises(ValueError, match="Queue 'work'") as caught:
        queue(build, **args, consumer={**consumer, **of_consumer})
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({"content_based_deduplication": True}, "content_based_deduplication: requires `fifo`"),
        ({"subscriptions": [{}]}, "subscriptions[0].topic_arn: is missing"),
        (
            {"subscriptions": [{"topic_arn": TOPIC, "filter_policy_scope": "Body"}]},
            "subscriptions[0].filter_policy_scope: is 'Body'; it must be one of",
        ),
        ({"visibility_timeout_seconds": 43_201}, "it must be from 0 to 43200 seconds"),
        ({"max_age_seconds": 59}, "max_age_seconds: is 59; it must be from 60 to 1209600"),
        ({"max_receive_count": 0}, "max_receive_count: is 0; it must be from 1 to 1000"),
    ],
)
def test_the_error_names_what_is_wrong_with_the_queue(build: Build, args: dict, problem: str):
    with pytest.raises(ValueError, match="Queue 'work'") as caught:
        queue(build, **args)
    assert problem in str(caught.value)
