"""Tells of failed refreshes."""

import json

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms

_FAILURES = [
    f"EC2 Auto Scaling Instance Refresh {what}"
    for what in ("Failed", "Rollback Started", "Rollback Failed")
]
"""https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-autoscaling.html"""


def create_refresh_alarm(
    name: str, group: aws.autoscaling.Group, alarms: Alarms, *, parent: pulumi.Resource
) -> None:
    """Create an alarm on failed refreshes, those that nobody waits for included.

    Auto Scaling sends an event, of which the rule makes a metric. The rule has no target: the
    policy of a topic cannot admit single rules ("Using resource-based policies for Amazon
    EventBridge"), and alarms may notify the topic already.

    Args:
        name: prefix of the rule's name.
        group: the group.
        alarms: creates the alarm.
        parent: the component they belong to.
    """
    rule = aws.cloudwatch.EventRule(
        f"{name}-failed-refreshes",
        description="Failed instance refreshes of the service",
        event_pattern=group.name.apply(
            lambda group_name: json.dumps(
                {
                    "source": ["aws.autoscaling"],
                    "detail-type": _FAILURES,
                    "detail": {"AutoScalingGroupName": [group_name]},
                }
            )
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    alarms.above(
        "refreshes",
        0,
        "AWS/Events/TriggeredRules",
        {"RuleName": rule.name},
        entry="failed-refreshes",
        meaning="A new version of the service failed; the instances have the last one again.",
    )
