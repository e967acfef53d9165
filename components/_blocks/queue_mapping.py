"""Queues that invoke a function, which receive no message that the function cannot take.

A receive whose invocation is throttled counts like a failed one, and the mapping of a queue does
not know the function's reserved concurrency: without a maximum of its own it moves waiting messages
to the dead-letter queue.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from typing import Optional

import pulumi
import pulumi_aws as aws

from .arguments import Problems
from .function import Function, FunctionsArgs
from .queue import Queue

_MIN_CONCURRENCY, _MAX_CONCURRENCY = 2, 1000
"""Limits of `MaximumConcurrency` in the API reference of Lambda (`ScalingConfig`)."""


def check_queue_concurrency(
    problems: Problems, settings: FunctionsArgs, max_concurrency: Optional[int] = None
) -> None:
    """Check that a function with these settings can take what the mapping of a queue reads."""
    reserved = settings.get("reserved_concurrency")
    if not reserved:
        return
    problems.unless(
        reserved >= _MIN_CONCURRENCY,
        "functions.reserved_concurrency",
        f"is {reserved}; a function that a queue invokes needs at least {_MIN_CONCURRENCY}, or 0 "
        "to pause it",
    )
    problems.unless(
        max_concurrency is None or max_concurrency <= max(reserved, _MIN_CONCURRENCY),
        "max_concurrency",
        f"is {max_concurrency}; it must be at most `functions.reserved_concurrency` ({reserved})",
    )


def create_queue_mapping(
    name: str,
    function: Function,
    queue: Queue,
    *,
    parent: pulumi.Resource,
    batch_size: int,
    max_concurrency: Optional[int],
    window_seconds: Optional[int] = None,
) -> aws.lambda_.EventSourceMapping:
    """Create an event source mapping that reports failed messages one by one.

    It is disabled while the function's reserved concurrency is 0, so that messages wait unread.

    Args:
        name: name of the mapping.
        function: the function; its role has the permissions of `Queue.grant_receive`.
        queue: the queue.
        parent: the component it belongs to.
        batch_size: maximum number of messages of one invocation.
        max_concurrency: maximum concurrency. Default: the function's reserved concurrency.
        window_seconds: time for which messages are collected. Default: none.
    """
    reserved = function.reserved_concurrency
    most = max_concurrency or (min(reserved, _MAX_CONCURRENCY) if reserved else None)
    return aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=queue.arn,
        function_name=function.arn,
        enabled=reserved != 0,
        batch_size=batch_size,
        maximum_batching_window_in_seconds=window_seconds,
        function_response_types=["ReportBatchItemFailures"],
        scaling_config={"maximum_concurrency": most} if most else None,
        opts=pulumi.ResourceOptions(parent=parent),
    )
