"""Queue: an encrypted, TLS-only SQS queue with a dead-letter queue."""

from collections.abc import Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

from .access import StatementArgs, allow, resource_policy

_RETENTION_SECONDS = 14 * 24 * 3600


class Queue:
    """An SQS queue. Adds no level to the URN.

    Args:
        name: name of the queue; its dead-letter queue is named `{name}-dead`.
        parent: the component it belongs to.
        dead_letter: whether to create a dead-letter queue.
        max_receive_count: number of receives after which a message moves to the dead-letter queue.
            A receive counts even if the invocation is throttled; AWS recommends at least 5.
        visibility_timeout: visibility timeout in seconds; AWS recommends six times the timeout of
            the consumer.
        fifo: whether it is a FIFO queue, whose throughput is limited for each message group.
        content_based_deduplication: whether a FIFO queue deduplicates by the body.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        dead_letter: bool = True,
        max_receive_count: int = 10,
        visibility_timeout: int = 30,
        fifo: bool = False,
        content_based_deduplication: bool = False,
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        # The dead-letter queue of a FIFO queue must be one too.
        self._dead = (
            Queue(f"{name}-dead", parent=parent, dead_letter=False, fifo=fifo)
            if dead_letter
            else None
        )
        self.queue = aws.sqs.Queue(
            name,
            sqs_managed_sse_enabled=True,
            message_retention_seconds=_RETENTION_SECONDS,
            visibility_timeout_seconds=visibility_timeout,
            redrive_policy=self._redrive(max_receive_count),
            fifo_queue=True if fifo else None,
            content_based_deduplication=True if content_based_deduplication else None,
            deduplication_scope="messageGroup" if fifo else None,
            fifo_throughput_limit="perMessageGroupId" if fifo else None,
            opts=self._opts,
        )
        self.url, self.arn, self.queue_name = self.queue.url, self.queue.arn, self.queue.name

    @property
    def dead_letters(self) -> "Queue":
        """The dead-letter queue."""
        assert self._dead is not None, "the queue has no dead-letter queue"
        return self._dead

    def grant_receive(self) -> StatementArgs:
        """Permission of a function that receives messages by an event source mapping."""
        actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        return allow(actions, self.arn)

    def create_policy(
        self,
        rule_arn: Optional[pulumi.Input[str]] = None,
        bucket_arn: Optional[pulumi.Input[str]] = None,
        topic_arns: Sequence[pulumi.Input[str]] = (),
    ) -> aws.sqs.QueuePolicy:
        """Create the queue's policy: TLS only, and messages from a rule, a bucket or topics.

        Args:
            rule_arn: ARN of an EventBridge rule that sends messages.
            bucket_arn: ARN of an S3 bucket that sends notifications.
            topic_arns: ARNs of the SNS topics that the queue is subscribed to.
        """
        senders = {
            "events.amazonaws.com": rule_arn,
            "s3.amazonaws.com": bucket_arn,
            "sns.amazonaws.com": list(topic_arns) or None,
        }
        return aws.sqs.QueuePolicy(
            f"{self._name}-policy",
            queue_url=self.url,
            policy=resource_policy(
                "sqs:*",
                self.arn,
                actions=["sqs:SendMessage"],
                senders={service: arn for service, arn in senders.items() if arn is not None},
            ),
            opts=self._opts,
        )

    def _redrive(self, max_receive_count: int) -> Optional[pulumi.Output[str]]:
        if self._dead is None:
            return None
        self._dead.create_policy()
        return pulumi.Output.json_dumps(
            {"deadLetterTargetArn": self._dead.arn, "maxReceiveCount": max_receive_count}
        )
