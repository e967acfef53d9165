"""Tells of failed deployments."""

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.failure_alarm import create_failure_alarm


def create_deployment_alarm(
    name: str, service_arn: pulumi.Output[str], alarms: Alarms, *, parent: pulumi.Resource
) -> None:
    """Create an alarm on failed deployments of an ECS service; see `create_failure_alarm`."""
    create_failure_alarm(
        name,
        "deployments",
        service_arn.apply(
            lambda arn: {
                "source": ["aws.ecs"],
                "detail-type": ["ECS Deployment State Change"],
                "resources": [arn],
                "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            }
        ),
        alarms,
        description="Failed deployments of the service",
        meaning="A deployment of the service failed; the last version is back.",
        parent=parent,
    )
