"""A topic with a queue that has all of its messages."""

import json
from typing import Any

from tests.emulator.cloud import until


class Topic:
    """A topic of the emulator."""

    def __init__(self, cloud: Any, name: str) -> None:
        self._cloud = cloud
        sns = cloud.client("sns")
        self.arn = sns.create_topic(Name=name)["TopicArn"]
        self._queue, queue_arn = cloud.queue(name)
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": queue_arn,
                }
            ],
        }
        cloud.client("sqs").set_queue_attributes(
            QueueUrl=self._queue, Attributes={"Policy": json.dumps(policy)}
        )
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=queue_arn, Attributes=raw)

    def received(self) -> list[Any]:
        """Return up to ten messages that are there now."""
        messages: list[Any] = self._cloud.received(self._queue)
        return messages

    def told(self, count: int, seconds: float = 30) -> list[Any]:
        """Return the next messages, when there are as many."""
        found: list[Any] = []

        def enough() -> bool:
            found.extend(self.received())
            return len(found) >= count

        until(enough, seconds)
        return found
