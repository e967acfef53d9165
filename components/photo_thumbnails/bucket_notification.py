"""BucketListeners: everyone whom S3 tells of a bucket's changes, in the one setting that it has.

A bucket has a single notification configuration: a second one would silently replace the first.
S3 also rejects two notifications for the same kind of event and overlapping keys; this is checked
here before anything is created. To notify more services, use a topic or EventBridge.
"""

from collections.abc import Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.bucket import Bucket
from .._blocks.validate import Problems

CREATED, REMOVED = "s3:ObjectCreated:*", "s3:ObjectRemoved:*"
_TARGETS = ("queue_arn", "topic_arn", "function_arn")
_FAMILIES = (
    "ObjectCreated",
    "ObjectRemoved",
    "ObjectRestore",
    "ObjectTagging",
    "ObjectAcl",
    "LifecycleExpiration",
    "Replication",
    "ReducedRedundancyLostObject",
    "LifecycleTransition",
    "IntelligentTiering",
)


class BucketNotificationArgs(TypedDict):
    queue_arn: NotRequired[pulumi.Input[str]]
    """ARN of an SQS queue whose policy lets S3 send for the bucket."""
    topic_arn: NotRequired[pulumi.Input[str]]
    """ARN of an SNS topic whose policy lets S3 publish for the bucket, instead of a queue."""
    function_arn: NotRequired[pulumi.Input[str]]
    """ARN of a Lambda function, instead of a queue; its permission is made."""
    events: NotRequired[Sequence[str]]
    """Kinds of events. Default: `["s3:ObjectCreated:*"]`."""
    prefix: NotRequired[str]
    """What the keys begin with. Default: all keys."""
    suffix: NotRequired[str]
    """What the keys end with. Default: all keys."""


def create_bucket_notification(
    name: str,
    bucket: Bucket,
    notifications: Sequence[BucketNotificationArgs],
    *,
    parent: pulumi.Resource,
    eventbridge: bool,
    depends_on: Sequence[pulumi.Resource],
) -> aws.s3.BucketNotification:
    """Set a bucket's notifications.

    Args:
        name: prefix of the setting and its permissions.
        bucket: created or adopted.
        notifications: who is told.
        parent: the component they belong to.
        eventbridge: whether the default bus of EventBridge is told of everything.
        depends_on: policies that let S3 send; it tries them out.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    permissions = [
        aws.lambda_.Permission(
            f"{name}-notification-{number}",
            action="lambda:InvokeFunction",
            function=each["function_arn"],
            principal="s3.amazonaws.com",
            source_arn=bucket.arn,
            opts=opts,
        )
        for number, each in enumerate(notifications)
        if "function_arn" in each
    ]
    return aws.s3.BucketNotification(
        f"{name}-notification",
        bucket=bucket.bucket_name,
        queues=_targets(notifications, "queue_arn", "queue_arn"),
        topics=_targets(notifications, "topic_arn", "topic_arn"),
        lambda_functions=_targets(notifications, "function_arn", "lambda_function_arn"),
        eventbridge=eventbridge,
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(depends_on=[*depends_on, *permissions])
        ),
    )


def _targets(notifications: Sequence[BucketNotificationArgs], kind: str, arn: str) -> list[Any]:
    """The notifications of one kind as the notification takes them, which calls their ARN `arn`."""
    return [
        {
            arn: dict(each)[kind],
            "events": list(_events(each)),
            "filter_prefix": each.get("prefix", ""),
            "filter_suffix": each.get("suffix", ""),
        }
        for each in notifications
        if kind in each
    ]


def check_bucket_notifications(
    problems: Problems,
    key: str,
    notifications: Sequence[BucketNotificationArgs],
    own: BucketNotificationArgs,
) -> None:
    """Check the argument `key` of a component that has a notification of its own."""
    for number, each in enumerate(notifications):
        where = f"{key}[{number}]"
        problems.unknown(each, BucketNotificationArgs.__annotations__)
        one = sum(target in each for target in _TARGETS) == 1
        problems.that(one, where, f"give one of {', '.join(_TARGETS)}")
        for event in _events(each):
            known = event.removeprefix("s3:").split(":")[0] in _FAMILIES and event[:3] == "s3:"
            problems.that(known, where, f"'{event}' is no event of S3, such as '{CREATED}'")
    everyone = [("the component itself", own)]
    for number, each in enumerate(notifications):
        for who, other in everyone:
            shared = _shared(each, other)
            problems.that(
                shared is None,
                f"{key}[{number}]",
                f"S3 sends '{shared}' of the same keys to one target only, and {who} is one; "
                "use `eventbridge`, or one topic with many subscribers",
            )
        everyone.append((f"{key}[{number}]", each))


def _events(notification: BucketNotificationArgs) -> Sequence[str]:
    return notification.get("events", (CREATED,))


def _shared(one: BucketNotificationArgs, other: BucketNotificationArgs) -> Optional[str]:
    """An event that both would be told of; None when there is none."""
    prefixes = one.get("prefix", ""), other.get("prefix", "")
    suffixes = one.get("suffix", ""), other.get("suffix", "")
    same_keys = (prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0])) and (
        suffixes[0].endswith(suffixes[1]) or suffixes[1].endswith(suffixes[0])
    )
    if not same_keys:
        return None
    return next(
        (event for event in _events(one) for their in _events(other) if _overlap(event, their)),
        None,
    )


def _overlap(one: str, other: str) -> bool:
    """`s3:ObjectCreated:*` overlaps with `s3:ObjectCreated:Put`."""
    return one == other or any(
        wide.endswith(":*") and narrow.startswith(wide[:-1])
        for wide, narrow in ((one, other), (other, one))
    )
