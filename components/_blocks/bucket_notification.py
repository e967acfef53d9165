"""The notification configuration of a bucket.

A bucket has a single notification configuration: a second one would silently replace the first.
S3 also rejects two notifications for the same kind of event and overlapping keys; this is checked
here before any resource is created. To notify more services, use a topic or EventBridge.
"""

from collections.abc import Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .access import account_of
from .arguments import Problems, declare
from .bucket import Bucket

CREATED, REMOVED = "s3:ObjectCreated:*", "s3:ObjectRemoved:*"
TAGGED = "s3:ObjectTagging:*"
EXPIRED = "s3:LifecycleExpiration:*"
"""Deletions by lifecycle rules, which `REMOVED` does not include.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configure-notification.html
"""
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
    """One target of S3 event notifications: a queue, a topic or a function."""

    queue_arn: NotRequired[pulumi.Input[str]]
    """ARN of an SQS queue whose policy lets S3 send messages for the bucket."""
    topic_arn: NotRequired[pulumi.Input[str]]
    """ARN of an SNS topic whose policy lets S3 publish for the bucket."""
    function_arn: NotRequired[pulumi.Input[str]]
    """ARN of a Lambda function. The component adds the permission for S3 to invoke it."""
    events: NotRequired[Sequence[str]]
    """S3 event types. Default: `["s3:ObjectCreated:*"]`."""
    prefix: NotRequired[str]
    """Prefix of the object keys: `uploads/`. Default: all keys."""
    suffix: NotRequired[str]
    """Suffix of the object keys: `.jpg`. Default: all keys."""


def _check(problems: Problems, path: str, args: BucketNotificationArgs) -> None:
    one = sum(target in args for target in _TARGETS) == 1
    problems.unless(one, path, f"must have one of {', '.join(f'`{each}`' for each in _TARGETS)}")
    for event in args["events"]:
        known = event.removeprefix("s3:").split(":")[0] in _FAMILIES and event[:3] == "s3:"
        problems.unless(
            known, f"{path}.events", f"'{event}' is not an S3 event such as '{CREATED}'"
        )


declare(
    BucketNotificationArgs,
    defaults={"events": [CREATED], "prefix": "", "suffix": ""},
    check=_check,
)


def create_bucket_notification(
    name: str,
    bucket: Bucket,
    notifications: Sequence[BucketNotificationArgs],
    *,
    parent: pulumi.Resource,
    eventbridge: bool,
    depends_on: Sequence[pulumi.Resource],
) -> aws.s3.BucketNotification:
    """Create the notification configuration of a bucket.

    Args:
        name: prefix of the names of the resources.
        bucket: created or adopted.
        notifications: the targets.
        parent: the component they belong to.
        eventbridge: whether S3 also sends all events to the default event bus of EventBridge.
        depends_on: policies that let S3 send; S3 validates them by a test message.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    permissions = [
        aws.lambda_.Permission(
            f"{name}-notification-{number}",
            action="lambda:InvokeFunction",
            function=each["function_arn"],
            principal="s3.amazonaws.com",
            source_arn=bucket.arn,
            source_account=account_of(each["function_arn"]),
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
    """The targets of one kind, in the form of the resource's argument."""
    return [
        {
            arn: dict(each)[kind],
            "events": each["events"],
            "filter_prefix": each["prefix"],
            "filter_suffix": each["suffix"],
        }
        for each in notifications
        if kind in each
    ]


def check_bucket_notifications(
    problems: Problems,
    path: str,
    notifications: Sequence[BucketNotificationArgs],
    own: BucketNotificationArgs,
) -> None:
    """Check that no two targets get the same events of the same keys.

    Args:
        problems: collects what is wrong.
        path: name of the argument.
        notifications: the targets that the caller adds.
        own: the target that the component itself adds.
    """
    targets = [("the component itself", own)]
    for number, each in enumerate(notifications):
        for who, other in targets:
            shared = _shared(each, other)
            problems.unless(
                shared is None,
                f"{path}[{number}]",
                f"S3 sends '{shared}' of the same keys to one target only, which is {who}; "
                "use `eventbridge`, or one topic with several subscriptions",
            )
        targets.append((f"{path}[{number}]", each))


def _shared(one: BucketNotificationArgs, other: BucketNotificationArgs) -> Optional[str]:
    """An event that both targets would get, or None."""
    prefixes, suffixes = (one["prefix"], other["prefix"]), (one["suffix"], other["suffix"])
    same_keys = (prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0])) and (
        suffixes[0].endswith(suffixes[1]) or suffixes[1].endswith(suffixes[0])
    )
    if not same_keys:
        return None
    pairs = ((event, theirs) for event in one["events"] for theirs in other["events"])
    return next((event for event, theirs in pairs if _overlap(event, theirs)), None)


def _overlap(one: str, other: str) -> bool:
    """`s3:ObjectCreated:*` overlaps with `s3:ObjectCreated:Put`."""
    return one == other or any(
        wide.endswith(":*") and narrow.startswith(wide[:-1])
        for wide, narrow in ((one, other), (other, one))
    )
