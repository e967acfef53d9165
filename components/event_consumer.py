"""EventConsumer: sends events of a bus through a queue to an idempotent Lambda function."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import AccessArgs, check_access
from ._blocks.alarms import Alarms
from ._blocks.arguments import Between, OneOf, Problems, declare, resolve
from ._blocks.function import Function, FunctionsArgs, FunctionVpcArgs
from ._blocks.queue import Queue
from ._blocks.queue_mapping import check_queue_concurrency, create_queue_mapping
from ._blocks.table import Table


class EventConsumerArgs(TypedDict):
    event_bus_name: pulumi.Input[str]
    """Name or ARN of the EventBridge bus."""
    event_source: pulumi.Input[str]
    """`source` of the events to process: `colonnade.orders`."""
    detail_types: Sequence[str]
    """`detail-type` of the events to process, at least one: `["OrderCreated"]`."""
    code: str
    """Folder with the function's `app.py`, or the name of a function of this package. The bundle
    includes the libraries of this package that the code imports, such as `inbox`."""
    access: NotRequired[Sequence[AccessArgs]]
    """Environment variables and permissions to grant to the function. Default: none."""
    vpc: NotRequired[FunctionVpcArgs]
    """VPC of the function, which is then its only network. Default: none."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the function. Default: arm64, Python 3.13, 30 days of logs."""
    timeout: NotRequired[int]
    """Timeout of the function, 1 to 900 seconds. Default: 30."""
    memory: NotRequired[int]
    """Memory of the function, 128 to 10240 MiB. Default: 256."""
    batch_size: NotRequired[int]
    """Maximum number of events of one invocation, 1 to 10. Default: 10."""
    max_concurrency: NotRequired[int]
    """Maximum concurrency of the event source mapping, 2 to 1000, and at most that of the function.
    Default: the function's reserved concurrency; without it, the account's."""
    max_receive_count: NotRequired[int]
    """Number of times that an event is received before it goes to the dead-letter queue, 1 to 1000.
    A receive counts even if the invocation is throttled, so it should not be small. Default: 10."""
    ordering: NotRequired[str]
    """What the library `inbox` does with an event that arrives after a later one of its stream:
    `each` applies it, `latest` drops it (each event has the whole state), `in_order` never lets the
    later one pass: it waits for its predecessor, and goes to the dead-letter queue after
    `max_receive_count`. Must stay the same while the inbox table exists. Default: `each`."""
    inbox_table_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing inbox table (partition key `id`). Default: a new table."""
    retain_data: NotRequired[bool]
    """Whether the inbox table is protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    EventConsumerArgs,
    defaults={
        "access": [],
        "functions": {},
        "timeout": 30,
        "memory": 256,
        "batch_size": 10,
        "max_receive_count": 10,
        "ordering": "each",
        "retain_data": True,
    },
    limits={
        "timeout": Between(1, 900, "seconds"),
        "memory": Between(128, 10240, "MiB"),
        "batch_size": Between(1, 10, "events"),
        "max_concurrency": Between(2, 1000, "concurrent executions"),
        "max_receive_count": Between(1, 1000, "receives"),
        "ordering": OneOf(("each", "latest", "in_order")),
    },
)


class EventConsumer(pulumi.ComponentResource):
    """EventBridge rule -> SQS queue -> Lambda function, with an inbox to process each event once.

    Default settings: queues and table are encrypted and TLS only, and only the rule can send to the
    queue. Events that the rule cannot deliver, and events that the function fails on, stay in
    dead-letter queues for 14 days. The function reports partial batch failures. Alarms on errors,
    throttles, both dead-letter queues and the age of the oldest event are included.

    The environment of the function has `INBOX_TABLE` and `INBOX_ORDERING`, the arguments of the
    library's `Inbox`, and the variables of `access`. With `latest`, superseded events are a metric
    with an alarm.
    """

    function_name: pulumi.Output[str]
    """Name of the function."""
    function_arn: pulumi.Output[str]
    """ARN of the function."""
    queue_url: pulumi.Output[str]
    """URL of the queue between the rule and the function."""
    dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue."""
    rule_dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue of the rule, for events that it could not deliver."""
    inbox_table_name: pulumi.Output[str]
    """Name of the table of events that were processed."""

    def __init__(
        self, name: str, args: EventConsumerArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:EventConsumer", name, {}, opts)
        args = resolve("EventConsumer", name, EventConsumerArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        queue = Queue(
            f"{name}-queue",
            parent=self,
            max_receive_count=args["max_receive_count"],
            visibility_timeout=6 * args["timeout"],
        )
        undelivered = Queue(f"{name}-undelivered", parent=self, dead_letter=False)
        self._create_rule(queue, undelivered)
        inbox = self._create_inbox()
        function = self._create_function(queue, inbox)
        create_queue_mapping(
            f"{name}-mapping",
            function,
            queue,
            parent=self,
            batch_size=args["batch_size"],
            max_concurrency=args.get("max_concurrency"),
        )
        self._create_alarms(queue, undelivered)
        if args["ordering"] == "latest":
            self._count_superseded(function)

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
            # Until the policy allows the rule to send, events would be lost.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=policies)
            ),
        )

    def _create_inbox(self) -> Table:
        return Table(
            f"{self._name}-inbox",
            parent=self,
            keys={"id": "S"},
            retain=self._args["retain_data"],
            expires=True,
            adopt=self._args.get("inbox_table_arn"),
        )

    def _create_function(self, queue: Queue, inbox: Table) -> Function:
        own: AccessArgs = {
            "environment": {
                "INBOX_TABLE": inbox.table_name,
                "INBOX_ORDERING": self._args["ordering"],
            },
            "statements": [queue.grant_receive(), inbox.grant("PutItem", "UpdateItem")],
        }
        return Function(
            f"{self._name}-function",
            self._args["code"],
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=[own, *self._args["access"]],
            vpc=self._args.get("vpc"),
            timeout=self._args["timeout"],
            memory=self._args["memory"],
        )

    def _count_superseded(self, function: Function) -> None:
        metric = pulumi.Output.concat("Superseded-", function.function_name)
        aws.cloudwatch.LogMetricFilter(
            f"{self._name}-superseded",
            log_group_name=function.log_group.name,
            pattern='{ $.message = "event superseded" }',
            metric_transformation={"namespace": "Colonnade", "name": metric, "value": "1"},
            opts=self._opts,
        )
        self._alarms.above(
            "superseded",
            0,
            pulumi.Output.concat("Colonnade/", metric),
            {},
            meaning="Events were dropped because later ones of their streams came first.",
        )

    def _create_alarms(self, queue: Queue, undelivered: Queue) -> None:
        self._alarms.above(
            "dead-letters",
            0,
            "AWS/SQS/ApproximateNumberOfMessagesVisible",
            {"QueueName": queue.dead_letters.queue_name},
            statistic="Maximum",
            meaning="The function failed on events repeatedly.",
        )
        self._alarms.above(
            "undelivered",
            0,
            "AWS/SQS/ApproximateNumberOfMessagesVisible",
            {"QueueName": undelivered.queue_name},
            statistic="Maximum",
            meaning="EventBridge could not deliver events to the queue.",
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


def _check(problems: Problems, args: EventConsumerArgs) -> None:
    check_access(problems, "access", args["access"], vpc="" if "vpc" in args else "vpc")
    problems.unless(
        bool(args["detail_types"]),
        "detail_types",
        "is empty; it must name at least one detail-type",
    )
    check_queue_concurrency(problems, args["functions"], args.get("max_concurrency"))
