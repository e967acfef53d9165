"""Failed events of an outbox pipeline."""

import boto3

from tools.stack_outputs import System

from . import failures, queues

DEAD_LETTERS = {
    "shipOrderDeadLetterQueueUrl": "shipOrderQueueUrl",
    "ruleDeadLetterQueueUrl": "shipOrderQueueUrl",
}
"""Output of each dead-letter queue, and of the queue that its messages belong to."""


def recover(system: System, dry_run: bool = False) -> int:
    """Bring the failed events of a system back, and print how many.

    Returns:
        The number of objects in the failures bucket that failed again.
    """
    remaining = failures.recover(system["failuresBucket"], system["relayFunction"], dry_run)
    for dead_letters, queue in DEAD_LETTERS.items():
        # A pipeline without the shipping consumer has no such queues.
        if system.outputs.get(dead_letters):
            queues.recover(boto3.client("sqs"), system, dead_letters, queue, dry_run)
    return remaining
