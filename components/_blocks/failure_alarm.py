"""An alarm on failures that AWS reports as events."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from .alarms import Alarms


def create_failure_alarm(
    name: str,
    what: str,
    pattern: pulumi.Output[Mapping[str, Any]],
    alarms: Alarms,
    *,
    description: str,
    meaning: str,
    parent: pulumi.Resource,
) -> None:
    """Create an alarm on events, those of failures that nobody waits for included.

    The rule makes a metric of the events. It has no target: the policy of a topic cannot admit
    single rules ("Using resource-based policies for Amazon EventBridge"), and alarms may notify the
    topic already.

    Args:
        name: prefix of the rule's name.
        what: what fails: `deployments`. The rule is `{name}-failed-{what}`, the alarm is `{what}`,
            and its heading in the runbook `failed-{what}`.
        pattern: pattern of the events.
        alarms: creates the alarm.
        description: description of the rule.
        meaning: one sentence that explains the alarm.
        parent: the component they belong to.
    """
    rule = aws.cloudwatch.EventRule(
        f"{name}-failed-{what}",
        description=description,
        event_pattern=pattern.apply(json.dumps),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    alarms.above(
        what,
        0,
        "AWS/Events/TriggeredRules",
        {"RuleName": rule.name},
        entry=f"failed-{what}",
        meaning=meaning,
    )
