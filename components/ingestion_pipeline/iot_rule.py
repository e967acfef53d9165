"""DeviceRule: sends what devices publish to the pipeline."""

from typing import Optional

import pulumi
import pulumi_aws as aws

from .._blocks.access import allow
from .._blocks.bucket import Bucket
from .._blocks.service_role import ServiceRole
from .delivery_stream import ERRORS

_THING = "${iot:Connection.Thing.ThingName}"


class DeviceRule:
    """An IoT topic rule and the IoT policy of devices. Adds no level to the URN.

    Args:
        name: name of the component.
        parent: the component.
        topic: first level of the topics; a device publishes to `{topic}/{name of its thing}`.
        stream: name and ARN of the Kinesis stream; None to send to the delivery stream.
        delivery: name and ARN of the delivery stream.
        lake: bucket for messages that the rule could not deliver.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        topic: str,
        stream: Optional[tuple[pulumi.Output[str], pulumi.Output[str]]],
        delivery: tuple[pulumi.Output[str], pulumi.Output[str]],
        lake: Bucket,
    ) -> None:
        self._name, self._topic = name, topic
        self._stream, self._delivery, self._lake = stream, delivery, lake
        self._opts = pulumi.ResourceOptions(parent=parent)
        put = (
            allow(["kinesis:PutRecord"], stream[1])
            if stream
            else allow(["firehose:PutRecord"], delivery[1])
        )
        self._role = ServiceRole(
            f"{name}-rule",
            "iot.amazonaws.com",
            [put, lake.grant_write(f"{ERRORS}rule/")],
            parent=parent,
        )
        self.rule = self._create_rule()
        self.policy = self._create_policy()

    def _create_rule(self) -> aws.iot.TopicRule:
        role = self._role.arn
        streams: list[aws.iot.TopicRuleKinesisArgsDict] = []
        delivery_streams: list[aws.iot.TopicRuleFirehoseArgsDict] = []
        if self._stream:
            # Partitioned by device, so that the messages of a device stay in order.
            streams = [
                {
                    "stream_name": self._stream[0],
                    "role_arn": role,
                    "partition_key": "${topic(2)}",
                }
            ]
        else:
            delivery_streams = [{"delivery_stream_name": self._delivery[0], "role_arn": role}]
        return aws.iot.TopicRule(
            f"{self._name}-rule",
            # The name of a rule cannot have hyphens. The name of the role is unique.
            name=self._role.role_name.apply(lambda name: name.replace("-", "_")),
            enabled=True,
            # Encoded, so that any payload arrives, with the device that its topic names.
            sql=(
                "SELECT encode(*, 'base64') AS data, topic(2) AS device, "
                f"timestamp() AS received_at FROM '{self._topic}/+'"
            ),
            sql_version="2016-03-23",
            kineses=streams,
            firehoses=delivery_streams,
            error_action={
                "s3": {
                    "bucket_name": self._lake.bucket_name,
                    "key": f"{ERRORS}rule/${{topic(2)}}/${{newuuid()}}.json",
                    "role_arn": role,
                }
            },
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[self._role.policy])
            ),
        )

    def _create_policy(self) -> aws.iot.Policy:
        account = self.rule.arn.apply(lambda arn: arn.rsplit(":", 1)[0])
        statements = [
            {
                "Effect": "Allow",
                "Action": "iot:Connect",
                "Resource": pulumi.Output.concat(account, ":client/", _THING),
                # The certificate must be attached to the thing that the client names.
                "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
            },
            {
                "Effect": "Allow",
                "Action": "iot:Publish",
                "Resource": pulumi.Output.concat(account, f":topic/{self._topic}/", _THING),
            },
        ]
        return aws.iot.Policy(
            f"{self._name}-devices",
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self._opts,
        )
