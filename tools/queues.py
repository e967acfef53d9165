"""Messages of dead-letter queues: how many there are, and back to where they belong."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


def count(sqs: "SQSClient", queue: str) -> int:
    """About how many messages wait."""
    names = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    return int(names["Attributes"]["ApproximateNumberOfMessages"])


def move(sqs: "SQSClient", source: str, target: str) -> int:
    """Move messages until the source is empty."""
    moved = 0
    while True:
        # Long polling asks all of SQS's servers; a short poll may miss messages that are there.
        got = sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        messages = got.get("Messages", [])
        if not messages:
            return moved
        for message in messages:
            sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        moved += len(messages)
