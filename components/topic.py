"""Topic: an encrypted, TLS-only SNS topic."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import AccessArgs, allow, resource_policy
from ._blocks.alarms import Alarms
from ._blocks.arguments import Problems, declare, resolve

_MANAGED_KEY = "alias/aws/sns"


class TopicArgs(TypedDict):
    fifo: NotRequired[bool]
    """Whether the topic keeps the order of each message group, for queues that are `fifo` too.
    Default: false."""
    content_based_deduplication: NotRequired[bool]
    """Whether SNS drops a message with the body of another one of the last 5 minutes. Otherwise
    publishers set a deduplication ID. Requires `fifo`. Default: false."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """ARN of a KMS key whose policy lets the publishers use it. Required for publishers that are
    AWS services. Default: the AWS managed key of SNS."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(TopicArgs, defaults={"fifo": False, "content_based_deduplication": False})


class Topic(pulumi.ComponentResource):
    """An SNS topic to which any number of `Queue` components subscribe, also in other stacks.

    Default settings: encrypted, TLS only. Only principals of the same account can publish and
    subscribe, if their own policies allow it. An alarm on messages that SNS could not deliver is
    included; each subscription of a `Queue` has a dead-letter queue for them.
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic."""

    def __init__(
        self, name: str, args: TopicArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:Topic", name, {}, opts)
        args = resolve("Topic", name, TopicArgs, args, _check)
        child = pulumi.ResourceOptions(parent=self)
        self._key_arn = args.get("kms_key_arn")
        topic = aws.sns.Topic(
            f"{name}-topic",
            fifo_topic=args["fifo"],
            content_based_deduplication=args["content_based_deduplication"],
            kms_master_key_id=args.get("kms_key_arn", _MANAGED_KEY),
            opts=child,
        )
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=resource_policy("sns:Publish", topic.arn),
            opts=child,
        )
        alarms = Alarms(name, self, args.get("alarm_topic_arn"))
        alarms.above(
            "failed-notifications",
            0,
            "AWS/SNS/NumberOfNotificationsFailed",
            {"TopicName": topic.name},
            minutes=5,
            meaning="SNS gave up delivering messages to a subscription.",
        )
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})

    def grant_publish(self) -> AccessArgs:
        """Access of a function that publishes; its environment has `TOPIC_ARN`.

        The policy of the AWS managed key already lets all publishers of the account use it.
        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        """
        statements = [allow(["sns:Publish"], self.topic_arn)]
        if self._key_arn is not None:
            statements.append(allow(["kms:Decrypt", "kms:GenerateDataKey"], self._key_arn))
        return {"environment": {"TOPIC_ARN": self.topic_arn}, "statements": statements}


def _check(problems: Problems, args: TopicArgs) -> None:
    problems.unless(
        args["fifo"] or not args["content_based_deduplication"],
        "content_based_deduplication",
        "requires `fifo`",
    )
