"""Tells of failed refreshes."""

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.failure_alarm import create_failure_alarm

_FAILURES = [
    f"EC2 Auto Scaling Instance Refresh {what}"
    for what in ("Failed", "Rollback Started", "Rollback Failed")
]
"""https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-autoscaling.html"""


def create_refresh_alarm(
    name: str, group: aws.autoscaling.Group, alarms: Alarms, *, parent: pulumi.Resource
) -> None:
    """Create an alarm on failed refreshes of a group; see `create_failure_alarm`."""
    create_failure_alarm(
        name,
        "refreshes",
        group.name.apply(
            lambda group_name: {
                "source": ["aws.autoscaling"],
                "detail-type": _FAILURES,
                "detail": {"AutoScalingGroupName": [group_name]},
            }
        ),
        alarms,
        description="Failed instance refreshes of the service",
        meaning="A new version of the service failed; the instances have the last one again.",
        parent=parent,
    )
