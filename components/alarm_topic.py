"""AlarmTopic: an encrypted SNS topic that tells a person of CloudWatch alarms."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import key_policy, resource_policy
from ._blocks.validate import Problems


class AlarmTopicArgs(TypedDict):
    email: str
    """Address that is told; it must confirm the subscription once."""
    region: NotRequired[str]
    """Region of the alarms; those of CloudFront are in us-east-1. Default: the provider's."""
    key_deletion_window_days: NotRequired[int]
    """Days that the topic's key can be brought back after its deletion, 7 to 30. Default: 30."""


class AlarmTopic(pulumi.ComponentResource):
    """An SNS topic with a subscribed e-mail address.

    Default settings: encrypted with a key of its own, as CloudWatch cannot publish to a topic under
    the AWS managed one (1 USD a month); TLS only; only alarms of this account and region publish.
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic: the `alarm_topic_arn` of other components."""

    def __init__(
        self, name: str, args: AlarmTopicArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:AlarmTopic", name, {}, opts)
        _check(name, args)
        child, region = pulumi.ResourceOptions(parent=self), args.get("region")
        caller = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self))
        key = aws.kms.Key(
            f"{name}-key",
            description=f"Encrypts the alarms of {name}",
            enable_key_rotation=True,
            deletion_window_in_days=int(args.get("key_deletion_window_days", 30)),
            policy=key_policy(caller.arn, caller.account_id, "cloudwatch.amazonaws.com"),
            region=region,
            opts=child,
        )
        topic = aws.sns.Topic(f"{name}-topic", kms_master_key_id=key.arn, region=region, opts=child)
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=resource_policy(
                "sns",
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


def _check(name: str, args: AlarmTopicArgs) -> None:
    problems = Problems("AlarmTopic", name)
    problems.unknown(args, AlarmTopicArgs.__annotations__)
    problems.that("@" in args.get("email", ""), "email", "is no e-mail address")
    problems.between(args, "key_deletion_window_days", 7, 30, "days")
    problems.report()
