"""Topics, queues and consumers with IAM: filters, partial failures, dead letters and order."""

import json

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.projects import write_project

CONSUMER = """
import json
def handler(event, context):
    failed = []
    for each in event["Records"]:
        print("handled " + each["body"])
        if "poison" in each["body"]:
            failed.append({"itemIdentifier": each["messageId"]})
    return {"batchItemFailures": failed}
"""
PUBLISHER = """
import json, os
import boto3
def handler(event, context):
    sns = boto3.client("sns")
    for each in event["messages"]:
        sns.publish(TopicArn=event.get("topic", os.environ["TOPIC_ARN"]), **each)
"""
SOURCE = """
import sys

from components import Queue, Topic
from components._blocks.alarms import Alarms
from components._blocks.function import Function

functions = {{"python": f"{{sys.version_info.major}}.{{sys.version_info.minor}}"}}
news, other = Topic("news", {{}}), Topic("other", {{}})
orders = Queue(
    "orders",
    {{
        "subscriptions": [
            {{"topic_arn": news.topic_arn, "filter_policy": {{"type": ["order"]}}}}
        ],
        "consumer": {{"code": "{code}/consumer", "timeout": 1}},
        "max_receive_count": 2,
        "functions": functions,
    }},
)
everything = Queue("everything", {{"subscriptions": [{{"topic_arn": news.topic_arn}}]}})
publisher = Function(
    "publisher",
    "{code}/publisher",
    parent=news,
    settings={{"architecture": "x86_64", "log_retention_days": 1, **functions}},
    alarms=Alarms("publisher", news, None),
    access=[news.grant_publish()],
)
ordered = Topic("ordered", {{"fifo": True}})
steps = Queue("steps", {{"fifo": True, "subscriptions": [{{"topic_arn": ordered.topic_arn}}]}})
pulumi.export("publisher", publisher.function_name)
pulumi.export("consumer", orders.function_name)
pulumi.export("other", other.topic_arn)
pulumi.export("ordered", ordered.topic_arn)
pulumi.export("dead", orders.dead_letter_queue_url)
pulumi.export("orders", orders.queue_url)
pulumi.export("everything", everything.queue_url)
pulumi.export("steps", steps.queue_url)
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory):
    project = write_project(tmp_path_factory.mktemp("queue"))
    for name, code in (("consumer", CONSUMER), ("publisher", PUBLISHER)):
        (project / name).mkdir()
        (project / name / "app.py").write_text(code)
    (project / "__main__.py").write_text("import pulumi\n" + SOURCE.format(code=project))
    with Cloud(program=project) as running:
        yield running


def publish(cloud: Cloud, *messages: dict, **more: str) -> dict:
    payload = json.dumps({"messages": messages, **more})
    return cloud.client("lambda").invoke(
        FunctionName=cloud.outputs["publisher"], Payload=payload.encode()
    )


def message(text: str, type_: str) -> dict:
    kind = {"DataType": "String", "StringValue": type_}
    return {"Message": text, "MessageAttributes": {"type": kind}}


def bodies(cloud: Cloud, queue: str, count: int) -> list[str]:
    """Receive and delete messages until there are `count`."""
    sqs, url, found = cloud.client("sqs"), cloud.outputs[queue], []

    def more() -> bool:
        for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found.append(each["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return len(found) >= count

    until(more, 40)  # a message that fails is hidden for 6 seconds
    return found


def handled(cloud: Cloud) -> list[str]:
    lines = map(json.loads, cloud.function_logs.read_text().splitlines())
    mine = [each["line"] for each in lines if each["function"] == cloud.outputs["consumer"]]
    return [each.removeprefix("handled ") for each in mine if each.startswith("handled ")]


def test_each_queue_receives_what_its_filter_takes(cloud: Cloud):
    done = publish(cloud, message("o1", "order"), message("r1", "refund"), message("o2", "order"))
    assert "FunctionError" not in done
    assert sorted(bodies(cloud, "everything", 3)) == ["o1", "o2", "r1"]
    until(lambda: {"o1", "o2"} <= set(handled(cloud)))
    assert "r1" not in handled(cloud)


def test_a_message_that_fails_goes_to_the_dead_letters_alone(cloud: Cloud):
    publish(cloud, *(message(each, "order") for each in ("good-1", "poison", "good-2")))
    assert bodies(cloud, "dead", 1) == ["poison"]
    assert [handled(cloud).count(each) for each in ("good-1", "poison", "good-2")] == [1, 2, 1]
    assert len(bodies(cloud, "everything", 3)) == 3


def test_a_publisher_can_use_only_its_topic(cloud: Cloud):
    done = publish(cloud, message("o9", "order"), topic=cloud.outputs["other"])
    assert b"AuthorizationError" in done["Payload"].read()


def test_other_topics_cannot_send_to_the_queue(cloud: Cloud):
    sqs, sns, url = cloud.client("sqs"), cloud.client("sns"), cloud.outputs["everything"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn, other = found["Attributes"]["QueueArn"], cloud.outputs["other"]
    sns.subscribe(TopicArn=other, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=other, Message="foreign")
    publish(cloud, message("r2", "refund"))
    assert bodies(cloud, "everything", 1) == ["r2"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)


def test_a_fifo_topic_keeps_the_order_of_each_group_once(cloud: Cloud):
    sns, topic = cloud.client("sns"), cloud.outputs["ordered"]
    for number in range(10):
        for _ in range(2):  # the second one is a duplicate
            sns.publish(
                TopicArn=topic,
                Message=str(number),
                MessageGroupId="a",
                MessageDeduplicationId=f"d{number}",
            )
    assert bodies(cloud, "steps", 10) == [str(number) for number in range(10)]
