"""Queue: an SQS queue with dead letters, subscriptions to topics, and a consuming function."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import AccessArgs, allow, check_access
from ._blocks.alarms import Alarms
from ._blocks.arguments import Between, OneOf, Problems, declare, resolve
from ._blocks.function import Function, FunctionsArgs, FunctionVpcArgs
from ._blocks.queue import Queue as SqsQueue
from ._blocks.queue_mapping import check_queue_concurrency, create_queue_mapping

_MAX_BATCH_WITHOUT_WINDOW = 10
_VISIBILITY_FACTOR = 6
"""AWS recommends a visibility timeout of six times the function's timeout, plus the window.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


class SubscriptionArgs(TypedDict):
    """A subscription of the queue to an SNS topic."""

    topic_arn: pulumi.Input[str]
    """ARN of the topic. A `fifo` queue can subscribe only to a FIFO topic."""
    filter_policy: NotRequired[Mapping[str, Any]]
    """Messages to receive: `{"type": ["OrderPlaced"]}`. Default: all.
    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"""
    filter_policy_scope: NotRequired[str]
    """What the policy applies to: `MessageAttributes` or `MessageBody`. Default:
    `MessageAttributes`."""
    raw_message_delivery: NotRequired[bool]
    """Whether the body in the queue is the published message, without the JSON envelope of SNS.
    Default: true."""


declare(
    SubscriptionArgs,
    defaults={"filter_policy_scope": "MessageAttributes", "raw_message_delivery": True},
    limits={"filter_policy_scope": OneOf(("MessageAttributes", "MessageBody"))},
)


class QueueConsumerArgs(TypedDict):
    """The function that consumes the queue."""

    code: str
    """Folder with the function's `app.py`, or the name of a function of this package. The bundle
    includes the libraries of this package that the code imports. The function returns
    `batchItemFailures` with the message IDs that failed; it must accept a message twice."""
    access: NotRequired[Sequence[AccessArgs]]
    """Environment variables and permissions to grant to the function. Default: none."""
    vpc: NotRequired[FunctionVpcArgs]
    """VPC of the function, which is then its only network. Default: none."""
    timeout: NotRequired[int]
    """Timeout of the function, 1 to 900 seconds. Default: 30."""
    memory: NotRequired[int]
    """Memory of the function, 128 to 10240 MiB. Default: 256."""
    batch_size: NotRequired[int]
    """Maximum number of messages of one invocation, 1 to 10000. More than 10 require
    `window_seconds`, and a queue that is not `fifo`. Default: 10."""
    window_seconds: NotRequired[int]
    """Time for which messages are collected, 0 to 300 seconds. Must be 0 for a `fifo` queue.
    Default: 0."""
    max_concurrency: NotRequired[int]
    """Maximum concurrency of the event source mapping, 2 to 1000, and at most that of the function.
    Default: the function's reserved concurrency; without it, the account's."""


declare(
    QueueConsumerArgs,
    defaults={"access": [], "timeout": 30, "memory": 256, "batch_size": 10, "window_seconds": 0},
    limits={
        "timeout": Between(1, 900, "seconds"),
        "memory": Between(128, 10240, "MiB"),
        "batch_size": Between(1, 10_000, "messages"),
        "window_seconds": Between(0, 300, "seconds"),
        "max_concurrency": Between(2, 1000, "concurrent executions"),
    },
)


class QueueArgs(TypedDict):
    consumer: NotRequired[QueueConsumerArgs]
    """The function that consumes the queue. Default: none; `grant_receive` lets another consumer
    receive."""
    subscriptions: NotRequired[Sequence[SubscriptionArgs]]
    """Topics whose messages the queue receives. Default: none."""
    fifo: NotRequired[bool]
    """Whether the queue keeps the order of each message group and drops messages whose
    deduplication ID it has seen in the last 5 minutes. Default: false."""
    content_based_deduplication: NotRequired[bool]
    """Whether SQS takes the digest of the body as the deduplication ID of a message without one.
    Requires `fifo`. Default: false."""
    visibility_timeout_seconds: NotRequired[int]
    """Time for which a received message is hidden from other consumers, 0 to 43200 seconds; with a
    `consumer`, at least six times its timeout plus its window. Default: that minimum, or 30."""
    max_receive_count: NotRequired[int]
    """Number of times that a message is received before it goes to the dead-letter queue, 1 to
    1000. A receive counts even if the invocation is throttled, so it should not be small.
    Default: 10."""
    max_age_seconds: NotRequired[int]
    """Age of the oldest message that triggers an alarm, 60 to 1209600 seconds. Default: 600."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the function. Default: arm64, Python 3.13, 30 days of logs."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    QueueArgs,
    defaults={
        "subscriptions": [],
        "fifo": False,
        "content_based_deduplication": False,
        "max_receive_count": 10,
        "max_age_seconds": 600,
        "functions": {},
    },
    limits={
        "visibility_timeout_seconds": Between(0, 43_200, "seconds"),
        "max_receive_count": Between(1, 1000, "receives"),
        "max_age_seconds": Between(60, 14 * 24 * 3600, "seconds"),
    },
)


class Queue(pulumi.ComponentResource):
    """An SQS queue with a dead-letter queue.

    Default settings: queues are encrypted and TLS only; only the topics of `subscriptions` and
    principals of the same account whose own policies allow it can send. Messages stay for 14 days.
    What a topic cannot deliver goes to a dead-letter queue of the subscriptions. The function
    reports partial batch failures. Alarms on the dead-letter queues, the age of the oldest message,
    and errors and throttles of the function are included.
    """

    queue_url: pulumi.Output[str]
    """URL of the queue."""
    queue_arn: pulumi.Output[str]
    """ARN of the queue."""
    dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue."""
    subscription_dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of messages that topics could not deliver; empty without subscriptions."""
    function_name: pulumi.Output[str]
    """Name of the function; empty without a consumer."""
    function_arn: pulumi.Output[str]
    """ARN of the function; empty without a consumer."""

    def __init__(
        self, name: str, args: QueueArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:Queue", name, {}, opts)
        args = resolve("Queue", name, QueueArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._queue = self._create_queue()
        undelivered = self._create_subscriptions()
        function = self._create_consumer()
        self._create_alarms(undelivered)

        none = pulumi.Output.from_input("")
        outputs = {
            "queue_url": self._queue.url,
            "queue_arn": self._queue.arn,
            "dead_letter_queue_url": self._queue.dead_letters.url,
            "subscription_dead_letter_queue_url": undelivered.url if undelivered else none,
            "function_name": function.function_name if function else none,
            "function_arn": function.arn if function else none,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_send(self) -> AccessArgs:
        """Access of a function that sends messages; its environment has `QUEUE_URL`."""
        return self._grant("sqs:SendMessage")

    def grant_receive(self) -> AccessArgs:
        """Access of a consumer that polls the queue itself; its environment has `QUEUE_URL`."""
        return self._grant(
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        )

    def _grant(self, *actions: str) -> AccessArgs:
        return {
            "environment": {"QUEUE_URL": self.queue_url},
            "statements": [allow(actions, self.queue_arn)],
        }

    def _create_queue(self) -> SqsQueue:
        args = self._args
        return SqsQueue(
            f"{self._name}-queue",
            parent=self,
            max_receive_count=args["max_receive_count"],
            visibility_timeout=args.get("visibility_timeout_seconds", _min_visibility(args) or 30),
            fifo=args["fifo"],
            content_based_deduplication=args["content_based_deduplication"],
        )

    def _create_subscriptions(self) -> Optional[SqsQueue]:
        topics = [each["topic_arn"] for each in self._args["subscriptions"]]
        policies = [self._queue.create_policy(topic_arns=topics)]
        if not topics:
            return None
        undelivered = SqsQueue(
            f"{self._name}-undelivered", parent=self, dead_letter=False, fifo=self._args["fifo"]
        )
        policies.append(undelivered.create_policy(topic_arns=topics))
        for number, each in enumerate(self._args["subscriptions"]):
            filtered = "filter_policy" in each
            aws.sns.TopicSubscription(
                f"{self._name}-subscription-{number}",
                topic=each["topic_arn"],
                protocol="sqs",
                endpoint=self._queue.arn,
                filter_policy=pulumi.Output.json_dumps(each["filter_policy"]) if filtered else None,
                filter_policy_scope=each["filter_policy_scope"] if filtered else None,
                raw_message_delivery=each["raw_message_delivery"],
                redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": undelivered.arn}),
                # Until the policies allow the topic to send, messages would be lost.
                opts=pulumi.ResourceOptions.merge(
                    self._opts, pulumi.ResourceOptions(depends_on=policies)
                ),
            )
        return undelivered

    def _create_consumer(self) -> Optional[Function]:
        consumer = self._args.get("consumer")
        if consumer is None:
            return None
        function = Function(
            f"{self._name}-function",
            consumer["code"],
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=[{"statements": [self._queue.grant_receive()]}, *consumer["access"]],
            vpc=consumer.get("vpc"),
            timeout=consumer["timeout"],
            memory=consumer["memory"],
        )
        create_queue_mapping(
            f"{self._name}-mapping",
            function,
            self._queue,
            parent=self,
            batch_size=consumer["batch_size"],
            max_concurrency=consumer.get("max_concurrency"),
            window_seconds=consumer["window_seconds"] or None,
        )
        return function

    def _create_alarms(self, undelivered: Optional[SqsQueue]) -> None:
        visible = "AWS/SQS/ApproximateNumberOfMessagesVisible"
        self._alarms.above(
            "dead-letters",
            0,
            visible,
            {"QueueName": self._queue.dead_letters.queue_name},
            statistic="Maximum",
            meaning="The consumer failed on messages repeatedly.",
        )
        if undelivered:
            self._alarms.above(
                "undelivered",
                0,
                visible,
                {"QueueName": undelivered.queue_name},
                statistic="Maximum",
                meaning="A topic could not deliver messages to the queue.",
            )
        self._alarms.above(
            "backlog",
            self._args["max_age_seconds"],
            "AWS/SQS/ApproximateAgeOfOldestMessage",
            {"QueueName": self._queue.queue_name},
            statistic="Maximum",
            minutes=5,
            meaning="The oldest message has waited for too long.",
        )


def _min_visibility(args: QueueArgs) -> int:
    consumer = args.get("consumer")
    if consumer is None:
        return 0
    return _VISIBILITY_FACTOR * consumer["timeout"] + consumer["window_seconds"]


def _check(problems: Problems, args: QueueArgs) -> None:
    problems.unless(
        args["fifo"] or not args["content_based_deduplication"],
        "content_based_deduplication",
        "requires `fifo`",
    )
    if "consumer" not in args:
        return
    consumer, least = args["consumer"], _min_visibility(args)
    vpc = "" if "vpc" in consumer else "consumer.vpc"
    check_access(problems, "consumer.access", consumer["access"], vpc=vpc)
    visibility = args.get("visibility_timeout_seconds", least)
    problems.unless(
        visibility >= least,
        "visibility_timeout_seconds",
        f"is {visibility}; it must be at least {least}, six times `consumer.timeout` plus "
        "`consumer.window_seconds`, or messages come back while they are processed",
    )
    problems.unless(
        not args["fifo"] or not consumer["window_seconds"],
        "consumer.window_seconds",
        f"is {consumer['window_seconds']}; the queue is `fifo`, for which Lambda has no window",
    )
    small = consumer["batch_size"] <= _MAX_BATCH_WITHOUT_WINDOW
    problems.unless(
        small or not args["fifo"],
        "consumer.batch_size",
        f"is {consumer['batch_size']}; it must be at most 10, as the queue is `fifo`",
    )
    problems.unless(
        small or args["fifo"] or consumer["window_seconds"] > 0,
        "consumer.batch_size",
        f"is {consumer['batch_size']}; more than 10 require `consumer.window_seconds`",
    )
    check_queue_concurrency(problems, args["functions"], consumer.get("max_concurrency"))
