"""Messages of dead-letter queues."""

from typing import TYPE_CHECKING

from tools.stack_outputs import System

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


def recover(sqs: "SQSClient", system: System, dead_letters: str, queue: str, dry_run: bool) -> None:
    """Move the messages of a dead-letter queue back to their queue, and print how many.

    Args:
        sqs: the client.
        system: the system that has both queues.
        dead_letters: output of the system with the URL of the dead-letter queue.
        queue: output with the URL of the queue that the messages belong to.
        dry_run: whether to count only.
    """
    if dry_run:
        print(f"{dead_letters}: messages waiting: {_count(sqs, system[dead_letters])}")
    else:
        moved = _move(sqs, system[dead_letters], system[queue])
        print(f"{dead_letters}: messages moved: {moved}")


def _count(sqs: "SQSClient", queue: str) -> int:
    """Return the approximate number of messages."""
    names = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    return int(names["Attributes"]["ApproximateNumberOfMessages"])


def _move(sqs: "SQSClient", source: str, target: str) -> int:
    """Move messages until the source is empty."""
    moved = 0
    while True:
        # Long polling asks all of SQS's servers; a short poll may miss messages.
        got = sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        messages = got.get("Messages", [])
        if not messages:
            return moved
        for message in messages:
            sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        moved += len(messages)
