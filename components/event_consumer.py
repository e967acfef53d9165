"""EventConsumer: events of a bus, by way of a queue, to an idempotent Lambda function."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import AccessArgs, check_access
from ._blocks.alarms import Alarms
from ._blocks.function import Function, FunctionsArgs, check_functions
from ._blocks.queue import Queue
from ._blocks.table import Table
from ._blocks.validate import Problems

_LIBRARIES = ("aws_clients", "environment", "inbox", "partial_batch")


class EventConsumerArgs(TypedDict):
    event_bus_name: pulumi.Input[str]
    """Name or ARN of the EventBridge bus."""
    event_source: pulumi.Input[str]
    """Which `source` to listen to: `colonnade.orders`."""
    detail_types: Sequence[str]
    """Which `detail-type`s to listen to: `["OrderCreated"]`."""
    code: str
    """Folder with the function's `app.py`, or a function of this package by name."""
    libraries: NotRequired[Sequence[str]]
    """Libraries of this package to bundle with it.
    Default: `["aws_clients", "environment", "inbox", "partial_batch"]`."""
    access: NotRequired[Sequence[AccessArgs]]
    """What the function may reach besides its queue and inbox. Default: nothing."""
    functions: NotRequired[FunctionsArgs]
    """How the function runs. Default: arm64, Python 3.13, logs kept for 30 days."""
    timeout: NotRequired[int]
    """Seconds that one batch may take, 1 to 900. Default: 30."""
    memory: NotRequired[int]
    """MiB of the function, 128 to 10240. Default: 256."""
    batch_size: NotRequired[int]
    """Events handed to the function at once, 1 to 10. Default: 10."""
    max_concurrency: NotRequired[int]
    """How many batches run at once, 2 to 1000. Default: as many as the account allows."""
    max_receive_count: NotRequired[int]
    """How often an event is tried before the dead-letter queue, 1 to 1000. Default: 5."""
    inbox_table_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own inbox table (partition key `id`). Default: a new one."""
    retain_data: NotRequired[bool]
    """Whether the inbox table refuses to be deleted. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class EventConsumer(pulumi.ComponentResource):
    """Rule -> SQS queue -> Lambda function, with an inbox by which it handles each event once.

    Default settings: queues and table encrypted, TLS only, messages from this rule only; events
    that the rule cannot deliver, and those that the function fails on, wait 14 days in dead-letter
    queues; partial batch failures; alarms on errors, throttles, both dead-letter queues and the
    age of the oldest event.

    The function's environment has `INBOX_TABLE`, besides what `access` gives.
    """

    function_name: pulumi.Output[str]
    """Name of the Lambda function."""
    function_arn: pulumi.Output[str]
    """ARN of the Lambda function."""
    queue_url: pulumi.Output[str]
    """URL of the queue between rule and function."""
    dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of events that the function failed on."""
    rule_dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of events that the rule could not deliver."""
    inbox_table_name: pulumi.Output[str]
    """Name of the table that remembers which events were handled."""

    def __init__(
        self, name: str, args: EventConsumerArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:EventConsumer", name, {}, opts)
        _check(name, args)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._timeout = int(args.get("timeout", 30))
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        queue = Queue(
            f"{name}-queue",
            parent=self,
            max_receive_count=int(args.get("max_receive_count", 5)),
            visibility_timeout=6 * self._timeout,
        )
        undelivered = Queue(f"{name}-undelivered", parent=self, dead_letter=False)
        self._create_rule(queue, undelivered)
        inbox = self._create_inbox()
        function = self._create_function(queue, inbox)
        self._create_mapping(queue, function)
        self._create_alarms(queue, undelivered)

        self.alarm_arns: Sequence[pulumi.Output[str]] = self._alarms.arns
        self.function_name, self.function_arn = function.function_name, function.arn
        self.queue_url = queue.url
        self.dead_letter_queue_url = queue.dead_letters.url
        self.rule_dead_letter_queue_url = undelivered.url
        self.inbox_table_name = inbox.table_name
        self.register_outputs(
            {
                "function_name": self.function_name,
                "function_arn": self.function_arn,
                "queue_url": self.queue_url,
                "dead_letter_queue_url": self.dead_letter_queue_url,
                "rule_dead_letter_queue_url": self.rule_dead_letter_queue_url,
                "inbox_table_name": self.inbox_table_name,
            }
        )

    def _create_rule(self, queue: Queue, undelivered: Queue) -> None:
        bus = self._args["event_bus_name"]
        pattern = {
            "source": [self._args["event_source"]],
            "detail-type": list(self._args["detail_types"]),
        }
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-rule",
            event_bus_name=bus,
            event_pattern=pulumi.Output.json_dumps(pattern),
            opts=self._opts,
        )
        policies = [queue.create_policy(rule.arn), undelivered.create_policy(rule.arn)]
        aws.cloudwatch.EventTarget(
            f"{self._name}-target",
            rule=rule.name,
            event_bus_name=bus,
            arn=queue.arn,
            retry_policy={
                "maximum_retry_attempts": 185,
                "maximum_event_age_in_seconds": 24 * 3600,
            },
            dead_letter_config={"arn": undelivered.arn},
            # An event that matches before the queue admits the rule would be lost.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=policies)
            ),
        )

    def _create_inbox(self) -> Table:
        return Table(
            f"{self._name}-inbox",
            parent=self,
            keys={"id": "S"},
            retain=self._args.get("retain_data", True),
            expires=True,
            adopt=self._args.get("inbox_table_arn"),
        )

    def _create_function(self, queue: Queue, inbox: Table) -> Function:
        own: AccessArgs = {
            "environment": {"INBOX_TABLE": inbox.table_name},
            "statements": [queue.grant_receive(), inbox.grant("PutItem", "UpdateItem")],
        }
        return Function(
            f"{self._name}-function",
            self._args["code"],
            parent=self,
            settings=self._args.get("functions", {}),
            alarms=self._alarms,
            libraries=self._args.get("libraries", _LIBRARIES),
            access=[own, *self._args.get("access", ())],
            timeout=self._timeout,
            memory=int(self._args.get("memory", 256)),
        )

    def _create_mapping(self, queue: Queue, function: Function) -> None:
        concurrency = self._args.get("max_concurrency")
        aws.lambda_.EventSourceMapping(
            f"{self._name}-mapping",
            event_source_arn=queue.arn,
            function_name=function.arn,
            batch_size=int(self._args.get("batch_size", 10)),
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": int(concurrency)} if concurrency else None,
            opts=self._opts,
        )

    def _create_alarms(self, queue: Queue, undelivered: Queue) -> None:
        self._alarms.above(
            "dead-letters",
            0,
            "AWS/SQS/ApproximateNumberOfMessagesVisible",
            {"QueueName": queue.dead_letters.queue_name},
            statistic="Maximum",
            meaning="Events wait that the function failed on again and again.",
        )
        self._alarms.above(
            "undelivered",
            0,
            "AWS/SQS/ApproximateNumberOfMessagesVisible",
            {"QueueName": undelivered.queue_name},
            statistic="Maximum",
            meaning="Events wait that EventBridge could not put into the queue.",
        )
        self._alarms.above(
            "backlog",
            600,
            "AWS/SQS/ApproximateAgeOfOldestMessage",
            {"QueueName": queue.queue_name},
            statistic="Maximum",
            minutes=5,
            meaning="The oldest event has waited for more than 10 minutes.",
        )


def _check(name: str, args: EventConsumerArgs) -> None:
    problems = Problems("EventConsumer", name)
    problems.unknown(args, EventConsumerArgs.__annotations__)
    problems.that(
        bool(args.get("detail_types")), "detail_types", "is empty; name at least one detail-type"
    )
    problems.between(args, "timeout", 1, 900, "seconds")
    problems.between(args, "memory", 128, 10240, "MiB")
    problems.between(args, "batch_size", 1, 10, "events")
    problems.between(args, "max_concurrency", 2, 1000, "batches")
    problems.between(args, "max_receive_count", 1, 1000, "tries")
    check_access(problems, "access", args.get("access", ()))
    check_functions(problems, args.get("functions", {}))
    problems.report()
