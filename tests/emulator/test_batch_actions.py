"""A batch needs the permission of the single operation."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import TRUST, allow


@pytest.fixture
def acting(cloud):
    """Return a function that returns a client of a new role with one permission."""

    def act(service, action, resource):
        iam, name = cloud.client("iam"), action.replace(":", "-")
        trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": "*"}}]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        policy = {"Version": "2012-10-17", "Statement": [allow(action, resource)]}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        made = cloud.client("sts").assume_role(RoleArn=arn["Arn"], RoleSessionName="test")
        keys = made["Credentials"]
        return boto3.client(
            service,
            endpoint_url=cloud.emulator.endpoint,
            region_name="us-east-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    return act


def test_a_batch_of_messages_needs_the_right_to_send(cloud, acting):
    url, arn = cloud.queue("work")
    entries = [{"Id": "1", "MessageBody": '"a"'}]
    sender = acting("sqs", "sqs:SendMessage", arn)
    assert sender.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    with pytest.raises(ClientError):
        acting("sqs", "sqs:ReceiveMessage", arn).send_message_batch(QueueUrl=url, Entries=entries)


def test_a_batch_of_publications_needs_the_right_to_publish(cloud, acting):
    arn = cloud.client("sns").create_topic(Name="news")["TopicArn"]
    entries = [{"Id": "1", "Message": "a"}]
    publisher = acting("sns", "sns:Publish", arn)
    made = publisher.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
    assert made["Successful"]
    with pytest.raises(ClientError, match="not authorized"):
        acting("sns", "sns:Subscribe", arn).publish_batch(
            TopicArn=arn, PublishBatchRequestEntries=entries
        )
