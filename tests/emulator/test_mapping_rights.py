"""A mapping is rejected unless the function's role can read the source."""

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import allow

READ_QUEUE = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
READ_STREAM = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]
IDLE = "def handler(event, context):\n    pass"


def mapping(cloud, source, **settings):
    return cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=source, FunctionName="f", **settings
    )


def test_a_role_that_can_read_is_accepted(cloud):
    _, queue = cloud.queue("q")
    stream = cloud.table()
    lists = allow("dynamodb:ListStreams")
    cloud.function("f", IDLE, allow(READ_QUEUE, queue), allow(READ_STREAM, stream), lists)
    assert mapping(cloud, queue)["State"] == "Enabled"
    assert mapping(cloud, stream, StartingPosition="LATEST")["State"] == "Enabled"


@pytest.mark.parametrize("missing", READ_QUEUE)
def test_each_permission_on_the_queue_is_required(cloud, missing):
    _, queue = cloud.queue("q")
    others = [action for action in READ_QUEUE if action != missing]
    cloud.function("f", IDLE, allow(others, queue), allow(missing, queue + "-other"))
    with pytest.raises(ClientError, match=f"does not allow {missing}"):
        mapping(cloud, queue)


@pytest.mark.parametrize("missing", READ_STREAM)
def test_each_permission_on_the_stream_is_required(cloud, missing):
    stream = cloud.table()
    others = [action for action in READ_STREAM if action != missing]
    cloud.function("f", IDLE, allow([*others, "dynamodb:ListStreams"]))
    with pytest.raises(ClientError, match=f"does not allow {missing}"):
        mapping(cloud, stream, StartingPosition="LATEST")


def test_stock_needs_no_permission(stock):
    _, queue = stock.queue("q")
    stock.function("f", IDLE)
    assert mapping(stock, queue)["State"] == "Enabled"
