"""Topic: encryption, access and arguments."""

import json

import pulumi
import pytest

from components.queue import Queue
from components.topic import Topic
from tests.conftest import Build

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def test_it_is_encrypted_and_tls_only(build: Build):
    graph = build(lambda: Topic("news", {}))
    assert graph.one("news-topic").inputs["kmsMasterKeyId"] == "alias/aws/sns"
    [statement] = json.loads(graph.one("news-policy").inputs["policy"])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "sns:Publish")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_publishers_get_the_topic_and_the_key(build: Build):
    granted = {}

    def program() -> None:
        access = Topic("news", {"kms_key_arn": KEY}).grant_publish()
        pulumi.Output.all(**access["environment"]).apply(granted.update)
        granted["statements"] = access["statements"]

    graph = build(program)
    assert granted["TOPIC_ARN"] == graph.one("news-topic").outputs["arn"]
    publish, encrypt = granted["statements"]
    assert publish["actions"] == ["sns:Publish"]
    assert encrypt == {"actions": ["kms:Decrypt", "kms:GenerateDataKey"], "resources": (KEY,)}


def test_the_aws_managed_key_needs_no_permission(build: Build):
    found = []
    build(lambda: found.append(Topic("news", {}).grant_publish()["statements"]))
    assert [each["actions"] for each in found[0]] == [["sns:Publish"]]


def test_a_fifo_topic_feeds_a_fifo_queue(build: Build):
    def program() -> None:
        topic = Topic("news", {"fifo": True, "content_based_deduplication": True})
        Queue("reader", {"fifo": True, "subscriptions": [{"topic_arn": topic.topic_arn}]})

    graph = build(program)
    topic = graph.one("news-topic").inputs
    assert (topic["fifoTopic"], topic["contentBasedDeduplication"]) == (True, True)
    for name in ("reader-queue", "reader-queue-dead", "reader-undelivered"):
        assert graph.one(name, "Queue").inputs["fifoQueue"] is True


def test_deduplication_by_the_body_is_for_fifo_topics(build: Build):
    with pytest.raises(ValueError, match="content_based_deduplication: requires `fifo`"):
        build(lambda: Topic("news", {"content_based_deduplication": True}))
