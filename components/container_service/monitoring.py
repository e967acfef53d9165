"""Tells of failed deployments."""

import json

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms


def create_deployment_alarm(
    name: str, service_arn: pulumi.Output[str], alarms: Alarms, *, parent: pulumi.Resource
) -> None:
    """Create an alarm on failed deployments, those that nobody waits for included.

    ECS sends an event, of which the rule makes a metric. The rule has no target: the policy of a
    topic cannot admit single rules ("Using resource-based policies for Amazon EventBridge"), and
    alarms may notify the topic already.

    Args:
        name: prefix of the rule's name.
        service_arn: ARN of the ECS service.
        alarms: creates the alarm.
        parent: the component they belong to.
    """
    rule = aws.cloudwatch.EventRule(
        f"{name}-failed-deployments",
        description="Failed deployments of the service",
        event_pattern=service_arn.apply(
            lambda arn: json.dumps(
                {
                    "source": ["aws.ecs"],
                    "detail-type": ["ECS Deployment State Change"],
                    "resources": [arn],
                    "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
                }
            )
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    alarms.above(
        "deployments",
        0,
        "AWS/Events/TriggeredRules",
        {"RuleName": rule.name},
        entry="failed-deployments",
        meaning="A deployment of the service failed; the last version is back.",
    )
