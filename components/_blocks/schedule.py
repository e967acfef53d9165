"""A schedule that invokes a function."""

import pulumi
import pulumi_aws as aws

from .function import Function


def create_minute_schedule(function: Function, *, parent: pulumi.Resource) -> None:
    """Invoke a function every minute.

    There are no retries: the next invocation does the same work a minute later.

    Args:
        function: the function; its name is the prefix of the rule and of its target.
        parent: the component they belong to.
    """
    _create(function, "rate(1 minute)", max_retries=0, max_age_seconds=60, parent=parent)


def create_daily_schedule(function: Function, *, parent: pulumi.Resource) -> None:
    """Invoke a function every day, with retries for an hour. Arguments are as above."""
    _create(function, "rate(1 day)", max_retries=10, max_age_seconds=3600, parent=parent)


def _create(
    function: Function,
    schedule: str,
    *,
    max_retries: int,
    max_age_seconds: int,
    parent: pulumi.Resource,
) -> None:
    opts = pulumi.ResourceOptions(parent=parent)
    rule = aws.cloudwatch.EventRule(
        f"{function.name}-schedule", schedule_expression=schedule, opts=opts
    )
    permission = function.grant_invoke("schedule", "events.amazonaws.com", rule.arn)
    aws.cloudwatch.EventTarget(
        f"{function.name}-target",
        rule=rule.name,
        arn=function.arn,
        retry_policy={
            "maximum_retry_attempts": max_retries,
            "maximum_event_age_in_seconds": max_age_seconds,
        },
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[permission])),
    )
