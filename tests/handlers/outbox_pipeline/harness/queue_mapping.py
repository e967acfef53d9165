"""Lambda's event source mapping of an SQS queue, with random order and duplicates, as SQS permits.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import random
from collections.abc import Callable
from typing import Any

from ...events import message
from ..world import World
from .injector import Crash


class QueueMapping:
    """Delivers the consumer's queue to a function. `poll` runs until the queue is empty."""

    def __init__(
        self,
        world: World,
        invoke: Callable[[dict[str, Any]], dict[str, Any]],
        random_: random.Random,
        repeat_share: float = 0.0,
    ) -> None:
        self.deliveries = 0
        self._world = world
        self._invoke = invoke
        self._random = random_
        self._repeat_share = repeat_share

    def poll(self) -> None:
        waiting = self._receive_all()
        while waiting:
            self._random.shuffle(waiting)
            batch, waiting = waiting[:10], waiting[10:]
            failed = self._deliver(batch)
            repeated = self._random.random() < self._repeat_share
            if repeated:
                # Deliver a processed message again: SQS delivers at least once.
                failed |= self._deliver(batch)
            waiting += [each for each in batch if each["MessageId"] in failed]
            done = [each for each in batch if each["MessageId"] not in failed]
            self._delete(done)

    def _receive_all(self) -> list[dict[str, Any]]:
        received: list[dict[str, Any]] = []
        while True:
            answer = self._world.sqs.receive_message(
                QueueUrl=self._world.queue, MaxNumberOfMessages=10, WaitTimeSeconds=0
            )
            if not answer.get("Messages"):
                return received
            received += answer["Messages"]

    def _deliver(self, batch: list[dict[str, Any]]) -> set[str]:
        """Return the messages to retry: the reported ones, or all if the function ended early."""
        self.deliveries += len(batch)
        event = {"Records": [message(each["Body"], each["MessageId"]) for each in batch]}
        try:
            response = self._invoke(event)
        except (Crash, Exception):
            return {each["MessageId"] for each in batch}
        return {each["itemIdentifier"] for each in response["batchItemFailures"]}

    def _delete(self, messages: list[dict[str, Any]]) -> None:
        if messages:
            self._world.sqs.delete_message_batch(
                QueueUrl=self._world.queue,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
                    for number, each in enumerate(messages)
                ],
            )
