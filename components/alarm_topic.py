"""AlarmTopic: an encrypted SNS topic that sends CloudWatch alarms by e-mail."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import key_policy, resource_policy
from ._blocks.arguments import Between, Matches, declare, resolve


class AlarmTopicArgs(TypedDict):
    email: str
    """E-mail address to notify. Its owner must confirm the subscription once."""
    region: NotRequired[str]
    """Region of the alarms; alarms on CloudFront are in us-east-1. Default: the provider's."""
    key_deletion_window_days: NotRequired[int]
    """Waiting period before KMS deletes the topic's key, 7 to 30 days. Default: 30."""


declare(
    AlarmTopicArgs,
    defaults={"key_deletion_window_days": 30},
    limits={
        "email": Matches(r"[^@\s]+@[^@\s]+", "an e-mail address"),
        "key_deletion_window_days": Between(7, 30, "days"),
    },
)


class AlarmTopic(pulumi.ComponentResource):
    """An SNS topic with an e-mail subscription.

    Default settings: encrypted with a customer managed key (1 USD a month), since CloudWatch cannot
    publish to a topic that uses the AWS managed key; TLS only; only alarms of the same account and
    region can publish.
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic: the `alarm_topic_arn` of other components."""

    def __init__(
        self, name: str, args: AlarmTopicArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:AlarmTopic", name, {}, opts)
        args = resolve("AlarmTopic", name, AlarmTopicArgs, args)
        child, region = pulumi.ResourceOptions(parent=self), args.get("region")
        caller = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self))
        key = aws.kms.Key(
            f"{name}-key",
            description=f"Encrypts the alarms of {name}",
            enable_key_rotation=True,
            deletion_window_in_days=args["key_deletion_window_days"],
            policy=key_policy(caller.arn, caller.account_id, "cloudwatch.amazonaws.com"),
            region=region,
            opts=child,
        )
        topic = aws.sns.Topic(f"{name}-topic", kms_master_key_id=key.arn, region=region, opts=child)
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=resource_policy(
                "sns:Publish",
                topic.arn,
                actions=["sns:Publish"],
                senders={"cloudwatch.amazonaws.com": topic.arn.apply(_alarms_beside)},
            ),
            region=region,
            opts=child,
        )
        aws.sns.TopicSubscription(
            f"{name}-email",
            topic=topic.arn,
            protocol="email",
            endpoint=args["email"],
            region=region,
            opts=child,
        )
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})


def _alarms_beside(topic_arn: str) -> str:
    """All alarms in the topic's account and region."""
    arn, partition, _, region, account, _ = topic_arn.split(":")
    return f"{arn}:{partition}:cloudwatch:{region}:{account}:alarm:*"
