"""Queue: an encrypted, TLS-only SQS queue with a dead-letter queue."""

from typing import Optional

import pulumi
import pulumi_aws as aws

from .access import StatementArgs, allow, resource_policy

_FORTNIGHT = 14 * 24 * 3600


class Queue:
    """One SQS queue. A plain class: it adds no level to the URN.

    Args:
        name: name of the queue; its dead-letter queue is `{name}-dead`.
        parent: the component it belongs to.
        dead_letter: whether messages that fail go to a queue of their own.
        max_receive_count: how often a message is tried before that.
        visibility_timeout: seconds; six times the consumer's timeout, as AWS advises.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        dead_letter: bool = True,
        max_receive_count: int = 5,
        visibility_timeout: int = 30,
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._dead = (
            Queue(f"{name}-dead", parent=parent, dead_letter=False) if dead_letter else None
        )
        self.queue = aws.sqs.Queue(
            name,
            sqs_managed_sse_enabled=True,
            message_retention_seconds=_FORTNIGHT,
            visibility_timeout_seconds=visibility_timeout,
            redrive_policy=self._redrive(max_receive_count),
            opts=self._opts,
        )
        self.url, self.arn, self.queue_name = self.queue.url, self.queue.arn, self.queue.name

    @property
    def dead_letters(self) -> "Queue":
        """The dead-letter queue."""
        assert self._dead is not None, "made without one"
        return self._dead

    def grant_receive(self) -> StatementArgs:
        """What a function needs that Lambda polls this queue for."""
        actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        return allow(actions, self.arn)

    def create_policy(
        self,
        rule_arn: Optional[pulumi.Input[str]] = None,
        bucket_arn: Optional[pulumi.Input[str]] = None,
    ) -> aws.sqs.QueuePolicy:
        """Give the queue its policy: TLS only, and messages from those who are named.

        Args:
            rule_arn: an EventBridge rule.
            bucket_arn: an S3 bucket, for its notifications.
        """
        senders = {"events.amazonaws.com": rule_arn, "s3.amazonaws.com": bucket_arn}
        return aws.sqs.QueuePolicy(
            f"{self._name}-policy",
            queue_url=self.url,
            policy=resource_policy(
                "sqs",
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
