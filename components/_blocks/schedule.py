"""A schedule that invokes a function every minute."""

import pulumi
import pulumi_aws as aws

from .function import Function


def create_minute_schedule(function: Function, *, parent: pulumi.Resource) -> None:
    """Invoke a function every minute.

    Args:
        function: the function; its name is the prefix of the rule and of its target.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    rule = aws.cloudwatch.EventRule(
        f"{function.name}-schedule", schedule_expression="rate(1 minute)", opts=opts
    )
    permission = function.grant_invoke("schedule", "events.amazonaws.com", rule.arn)
    aws.cloudwatch.EventTarget(
        f"{function.name}-target",
        rule=rule.name,
        arn=function.arn,
        # No retries: the next invocation does the same work a minute later.
        retry_policy={"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60},
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[permission])),
    )
