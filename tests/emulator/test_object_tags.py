"""Tags belong to one upload of an object, and their changes are events."""

import json

from tests.emulator.cloud import until


def box(cloud):
    """A bucket that sends changes of tags to a queue. Return its client."""
    s3, sqs = cloud.client("s3"), cloud.client("sqs")
    s3.create_bucket(Bucket="box")
    url = sqs.create_queue(QueueName="changes")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    queue = {"QueueArn": arn["Attributes"]["QueueArn"], "Events": ["s3:ObjectTagging:*"]}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue["QueueArn"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    s3.put_bucket_notification_configuration(
        Bucket="box", NotificationConfiguration={"QueueConfigurations": [queue]}
    )
    return s3


def tag(s3):
    s3.put_object_tagging(
        Bucket="box", Key="k", Tagging={"TagSet": [{"Key": "review", "Value": "approved"}]}
    )


def tags(s3):
    found = s3.get_object_tagging(Bucket="box", Key="k")["TagSet"]
    return {each["Key"]: each["Value"] for each in found}


def test_a_replaced_object_has_the_tags_of_the_new_upload(cloud):
    s3 = box(cloud)
    s3.put_object(Bucket="box", Key="k", Body=b"1")
    tag(s3)
    assert tags(s3) == {"review": "approved"}
    s3.put_object(Bucket="box", Key="k", Body=b"1")
    assert tags(s3) == {}
    s3.put_object(Bucket="box", Key="k", Body=b"1", Tagging="a=b")
    assert tags(s3) == {"a": "b"}
    s3.copy_object(Bucket="box", Key="k2", CopySource="box/k")
    assert s3.get_object_tagging(Bucket="box", Key="k2")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_changes_of_tags_are_events(cloud):
    s3 = box(cloud)
    s3.put_object(Bucket="box", Key="k", Body=b"1")
    tag(s3)
    s3.delete_object_tagging(Bucket="box", Key="k")
    sqs = cloud.client("sqs")
    url, names = sqs.get_queue_url(QueueName="changes")["QueueUrl"], set()

    def received():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            body = json.loads(message["Body"])
            names.update(each["eventName"] for each in body.get("Records", []))
        return names >= {"ObjectTagging:Put", "ObjectTagging:Delete"}

    until(received)
    assert names == {"ObjectTagging:Put", "ObjectTagging:Delete"}


def test_stock_keeps_the_tags_of_a_replaced_object(stock):
    s3 = box(stock)
    s3.put_object(Bucket="box", Key="k", Body=b"1")
    tag(s3)
    s3.put_object(Bucket="box", Key="k", Body=b"1")
    assert tags(s3) == {"review": "approved"}
