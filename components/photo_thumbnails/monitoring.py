"""Alarms and dashboard of the thumbnails."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.dashboard import Dashboard
from .._blocks.function import Function
from .._blocks.queue import Queue

_NAMESPACE = "Colonnade"


def create_photo_alarms(
    alarms: Alarms, function: Function, queue: Queue, *, parent: pulumi.Resource
) -> None:
    """Create the alarms: photos that fail, messages that fail, and photos that wait."""
    for what in ("ready", "failed"):
        aws.cloudwatch.LogMetricFilter(
            f"{function.name}-{what}",
            log_group_name=function.log_group.name,
            pattern=f'{{ $.message = "photo {what}" }}',
            metric_transformation={
                "namespace": _NAMESPACE,
                "name": _metric(function, what).apply(lambda path: path.rsplit("/", 1)[1]),
                "value": "1",
            },
            opts=pulumi.ResourceOptions(parent=parent),
        )
    alarms.above(
        "photos-failing",
        5,
        _metric(function, "failed"),
        {},
        minutes=3,
        meaning="More than five photos a minute get no thumbnails.",
    )
    alarms.above(
        "dead-letters",
        0,
        "AWS/SQS/ApproximateNumberOfMessagesVisible",
        {"QueueName": queue.dead_letters.queue_name},
        statistic="Maximum",
        meaning="Uploads wait that the function failed on again and again.",
    )
    alarms.above(
        "backlog",
        600,
        "AWS/SQS/ApproximateAgeOfOldestMessage",
        {"QueueName": queue.queue_name},
        statistic="Maximum",
        minutes=5,
        meaning="The oldest upload has waited for more than 10 minutes.",
    )


def create_photo_dashboard(
    name: str,
    function: Function,
    queue: Queue,
    alarm_arns: Sequence[pulumi.Output[str]],
    *,
    parent: pulumi.Resource,
) -> None:
    """Photos in and out, how long each takes, and how many wait."""
    own = {"FunctionName": function.function_name}
    dashboard = Dashboard()
    dashboard.graph(
        "Photos ready and failed", [(_metric(function, what), {}) for what in ("ready", "failed")]
    )
    dashboard.graph("Errors", [("AWS/Lambda/Errors", own)])
    dashboard.graph("Time of a photo (ms, p99)", [("AWS/Lambda/Duration", own)], statistic="p99")
    dashboard.graph(
        "Oldest upload (s)",
        [("AWS/SQS/ApproximateAgeOfOldestMessage", {"QueueName": queue.queue_name})],
        statistic="Maximum",
    )
    dashboard.graph(
        "Given up",
        [
            (
                "AWS/SQS/ApproximateNumberOfMessagesVisible",
                {"QueueName": queue.dead_letters.queue_name},
            )
        ],
        statistic="Maximum",
    )
    dashboard.create(f"{name}-dashboard", parent, function.arn, function.function_name, alarm_arns)


def _metric(function: Function, what: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(f"{_NAMESPACE}/Photos-{what}-", function.function_name)
