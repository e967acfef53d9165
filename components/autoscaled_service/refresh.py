"""Refresh: new versions of a launch template take over, or are rolled back."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.access import allow
from .._blocks.alarms import Alarms
from .._blocks.function import Function, FunctionsArgs

_TIMEOUT_SECONDS = 900
"""The longest timeout of a function."""
MAX_REFRESH_SECONDS = 840
"""The time after which the function rolls back a refresh that has not ended."""


def create_refresh(
    name: str,
    group: aws.autoscaling.Group,
    template: aws.ec2.LaunchTemplate,
    *,
    parent: pulumi.Resource,
    role_arn: pulumi.Output[str],
    alarm_names: Sequence[pulumi.Output[str]],
    bake_minutes: int,
    settings: FunctionsArgs,
    alarms: Alarms,
) -> None:
    """Create the function that rolls a version out, and invoke it for the latest one.

    The provider's own refresh cannot roll back: it saves the new version in the group before it
    starts. hashicorp/terraform-provider-aws#34189

    Args:
        name: prefix of the resources' names.
        group: the group.
        template: its launch template.
        parent: the component they belong to.
        role_arn: ARN of the role of the instances.
        alarm_names: alarms that roll a version back.
        bake_minutes: time that the alarms are watched for after the last replacement.
        settings: see `FunctionsArgs`.
        alarms: creates the alarms of the function.
    """
    function = Function(
        f"{name}-refresh",
        "autoscaled_service/refresh",
        parent=parent,
        settings=settings,
        alarms=alarms,
        access=[
            {
                "statements": [
                    allow(
                        ["autoscaling:RollbackInstanceRefresh", "autoscaling:StartInstanceRefresh"],
                        group.arn,
                    ),
                    # These have no resource-level permissions. CloudWatch asks for the permission
                    # on all alarms, whatever names a call has.
                    allow(
                        [
                            "autoscaling:DescribeAutoScalingGroups",
                            "autoscaling:DescribeInstanceRefreshes",
                            "cloudwatch:DescribeAlarms",
                        ],
                        "*",
                    ),
                    # Whoever names a template must be allowed to launch its instances: "Control
                    # Amazon EC2 launch template usage in Auto Scaling groups".
                    {
                        "actions": ["ec2:RunInstances"],
                        "resources": ["*"],
                        "condition": {"ArnEquals": {"ec2:LaunchTemplate": template.arn}},
                    },
                    {
                        "actions": ["iam:PassRole"],
                        "resources": [role_arn],
                        "condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
                    },
                ]
            }
        ],
        timeout=_TIMEOUT_SECONDS,
        memory=128,
    )
    aws.lambda_.Invocation(
        f"{name}-rollout",
        function_name=function.function_name,
        input=pulumi.Output.json_dumps(
            {
                "group": group.name,
                "template": template.id,
                "version": template.latest_version.apply(lambda number: str(int(number))),
                "alarms": list(alarm_names),
                "bake_seconds": 60 * bake_minutes,
            },
            sort_keys=True,
        ),
        # The invocation before stays in the state until this one succeeded, so that the next update
        # tries again what failed.
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=False),
    )
