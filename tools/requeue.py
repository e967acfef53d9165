"""Bring failed events back: `python -m tools.requeue --system orders --stack dev [--dry-run]`.

Records of the failure store go through the relay again, messages of the dead-letter queues back to
their queue. Nothing leaves its place before it has arrived: an interruption repeats events, which
consumers know, and loses none.
"""

import argparse
import os
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from . import queues
from .failures import Failures
from .stack_outputs import CommandError, System, add_stack_options, find_system

DEAD_LETTERS = {
    "shipOrderDeadLetterQueueUrl": "shipOrderQueueUrl",
    "ruleDeadLetterQueueUrl": "shipOrderQueueUrl",
}
"""Outputs: each dead-letter queue and the queue that its messages belong to."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when everything went back, else 1 with a line that says what did not."""
    options = _parser().parse_args(arguments)
    try:
        system = find_system(options.system, options.stack, options.outputs)
        os.environ.update(system.environment)
        left = requeue(system, options.dry_run)
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"requeue: {error}", file=sys.stderr)
        return 1
    if left:
        print(f"requeue: {left} failed records failed again and stay", file=sys.stderr)
    return 1 if left else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.requeue",
        description="Send the events again that a system has set aside as failed.",
    )
    parser.add_argument("--system", default="orders", help="the system (default: orders)")
    add_stack_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="only count")
    return parser


def requeue(system: System, dry_run: bool = False) -> int:
    """Bring back what failed in a system, and print how much that was.

    Returns:
        How many objects of the failure store failed again.
    """
    left = _requeue_failures(system, dry_run)
    sqs = boto3.client("sqs")
    for dead_letters, queue in DEAD_LETTERS.items():
        # A pipeline without the shipping consumer has no such queues.
        if system.outputs.get(dead_letters):
            source = system[dead_letters]
            count = (
                queues.count(sqs, source) if dry_run else queues.move(sqs, source, system[queue])
            )
            print(f"{dead_letters}: {count} messages {'wait' if dry_run else 'moved'}")
    return left


def _requeue_failures(system: System, dry_run: bool) -> int:
    failures = Failures(system["failuresBucket"], system["relayFunction"])
    keys = list(failures.keys())
    if dry_run:
        print(f"failuresBucket: {len(keys)} objects wait")
        return 0
    done = sum(map(failures.send_again, keys))
    print(f"failuresBucket: {done} of {len(keys)} objects relayed")
    return len(keys) - done


if __name__ == "__main__":
    sys.exit(main())
