"""Topic rules send messages to streams, delivery streams and buckets with their roles."""

import base64
import json

from tests.emulator.cloud import allow, until
from tests.emulator.lake import Lake


def rule(cloud, action, sql="SELECT * FROM 'things/+'", actions=("*:*",), **more):
    role = cloud.role("rule", *[allow(each) for each in actions])
    (kind, spec), *_ = action.items()
    cloud.client("iot").create_topic_rule(
        ruleName="r",
        topicRulePayload={"sql": sql, "actions": [{kind: {**spec, "roleArn": role}}], **more},
    )
    return role


def publish(cloud, payload, topic="things/t1"):
    cloud.client("iot-data").publish(topic=topic, qos=1, payload=payload)


def read(cloud, name="s"):
    kinesis = cloud.client("kinesis")
    shard = kinesis.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(
        StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    return [(each["PartitionKey"], each["Data"]) for each in records]


TO_STREAM = {"kinesis": {"streamName": "s", "partitionKey": "${topic(2)}"}}


def test_messages_of_any_bytes_reach_a_stream_with_the_device_as_key(cloud):
    Lake(cloud).stream()
    rule(cloud, TO_STREAM, "SELECT encode(*, 'base64') AS data, topic(2) AS x FROM 'things/+'")
    publish(cloud, b"\xff\x00")
    publish(cloud, b"{}", topic="others/t2")
    ((key, data),) = until(lambda: read(cloud))
    assert key == "t1"
    assert json.loads(data) == {"data": base64.b64encode(b"\xff\x00").decode(), "x": "t1"}


def test_messages_reach_a_delivery_stream(cloud):
    lake = Lake(cloud)
    lake.delivery()
    rule(cloud, {"firehose": {"deliveryStreamName": "d", "separator": "\n"}})
    publish(cloud, b'{"a": 1}')
    publish(cloud, b"no json")
    assert list(until(lake.objects).values()) == [b'{"a":1}\nno json\n']


def test_messages_that_the_role_does_not_allow_go_to_the_error_action(cloud):
    lake = Lake(cloud)
    lake.stream()
    role = cloud.role("errors", allow("s3:PutObject"))
    error = {"bucketName": "lake", "key": "errors/${topic(2)}/${newuuid()}", "roleArn": role}
    rule(cloud, TO_STREAM, actions=("kinesis:PutRecords",), errorAction={"s3": error})
    publish(cloud, b"whole")
    ((key, body),) = until(lake.objects).items()
    assert key.startswith("errors/t1/")
    told = json.loads(body)
    assert base64.b64decode(told["base64OriginalPayload"]) == b"whole"
    (failure,) = told["failures"]
    assert failure["failedAction"] == "KinesisAction" and failure["failedResource"] == "s"
    assert read(cloud) == []


def test_stock_skips_the_action(stock):
    Lake(stock).stream()
    rule(stock, TO_STREAM)
    publish(stock, b"{}")
    assert read(stock) == []
