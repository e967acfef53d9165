"""The resource of calls about an Auto Scaling group in IAM is its ARN."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import allow
from tests.emulator.instances import Instances


def start(cloud, arn: str = "") -> None:
    """Start a refresh as a user who may do so for the group with this ARN. Default: the own one."""
    instances = Instances(cloud)
    instances.start(1)
    arn = arn or instances.group()["AutoScalingGroupARN"]
    iam, name = cloud.client("iam"), "deployer"
    iam.create_user(UserName=name)
    statements = [allow("autoscaling:StartInstanceRefresh", arn)]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    client = cloud.client(
        "autoscaling",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    client.start_instance_refresh(AutoScalingGroupName="ledger")


def test_a_user_of_the_group_starts_its_refreshes(cloud):
    start(cloud)


def test_a_user_of_another_group_does_not(cloud):
    other = "arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:1:autoScalingGroupName/x"
    with pytest.raises(ClientError, match="AccessDenied"):
        start(cloud, other)


def test_stock_denies_both(stock):
    with pytest.raises(ClientError, match="AccessDenied"):
        start(stock)
