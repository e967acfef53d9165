"""OutboxPipeline: orders and their events, which are neither lost nor processed twice."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Matches, Problems, declare, resolve
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs
from .._blocks.queue_mapping import check_queue_concurrency
from .._blocks.table import Index, Table
from ..event_consumer import EventConsumer, EventConsumerArgs
from .event_relay import EventRelay
from .monitoring import create_outbox_dashboard
from .schema_registry import create_schema_registry


class OutboxPipelineArgs(TypedDict):
    event_source: NotRequired[str]
    """`source` of the events on the bus. Default: `colonnade.orders`."""
    order_code: NotRequired[str]
    """Folder of your own order function: `app.py`, `schemas/` and `requirements.txt`. It can import
    the `outbox` library. Default: `outbox_pipeline/place_order` of this package."""
    order_access: NotRequired[AccessArgs]
    """Environment variables and permissions to grant to the order function, besides both tables.
    Default: none."""
    orders_table_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing table of orders (key `orderId`). Default: a new table."""
    outbox_table_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing outbox table (keys: see docs/outbox.md). Default: a new table."""
    outbox_stream_arn: NotRequired[pulumi.Input[str]]
    """ARN of the stream of that table, with new images. Required with `outbox_table_arn`."""
    event_bus_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing EventBridge bus. Default: a new bus."""
    shipping: NotRequired[bool]
    """Whether to create the shipping consumer. Default: true."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions. Default: arm64, Python 3.13, 30 days of logs."""
    resend_after_minutes: NotRequired[int]
    """Age at which the sweeper sends an event again that is not marked as sent, 1 to 1440 minutes.
    Default: 5."""
    sent_retention_days: NotRequired[int]
    """Retention of sent events in the outbox, 1 to 365 days. Default: 7."""
    archive_retention_days: NotRequired[int]
    """Retention of events in the archive, from which they can be replayed, 1 to 3650 days.
    Default: 30."""
    relay_max_retry_attempts: NotRequired[int]
    """Maximum number of retries of a batch that the relay fails on, before its records go to the
    failures bucket, 0 to 10000. Default: 10."""
    retain_data: NotRequired[bool]
    """Whether the tables and buckets are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    OutboxPipelineArgs,
    defaults={
        "event_source": "colonnade.orders",
        "order_code": "outbox_pipeline/place_order",
        "order_access": {},
        "shipping": True,
        "functions": {},
        "resend_after_minutes": 5,
        "sent_retention_days": 7,
        "archive_retention_days": 30,
        "relay_max_retry_attempts": 10,
        "retain_data": True,
    },
    limits={
        "event_source": Matches(r"(?!aws\.).+", "a name without the prefix 'aws.' of AWS services"),
        "resend_after_minutes": Between(1, 1440, "minutes"),
        "sent_retention_days": Between(1, 365, "days"),
        "archive_retention_days": Between(1, 3650, "days"),
        "relay_max_retry_attempts": Between(0, 10000, "retries"),
    },
)


class OutboxPipeline(pulumi.ComponentResource):
    """Order function -> orders and outbox in one transaction -> relay -> event bus -> consumers.

    Default settings: tables and buckets are encrypted, private, TLS only and protected from
    deletion. Each function has its own role with exact actions. The relay has limited retries and a
    bucket for the complete records that it fails on. A sweeper sends events again that are not
    marked as sent. All events are archived. Alarms and a dashboard are included.

    To process the events in another stack, attach an `EventConsumer` to `event_bus_name` and
    `event_source`.
    """

    place_order_function_name: pulumi.Output[str]
    """Name of the order function."""
    place_order_function_arn: pulumi.Output[str]
    """ARN of the order function."""
    orders_table_name: pulumi.Output[str]
    """Name of the table of orders."""
    outbox_table_name: pulumi.Output[str]
    """Name of the outbox table."""
    shipments_table_name: pulumi.Output[str]
    """Name of the table of shipments. Empty without the shipping consumer."""
    event_bus_name: pulumi.Output[str]
    """Name of the event bus."""
    event_bus_arn: pulumi.Output[str]
    """ARN of the event bus."""
    event_source: pulumi.Output[str]
    """`source` of the events."""
    archive_name: pulumi.Output[str]
    """Name of the archive of events."""
    claims_bucket_name: pulumi.Output[str]
    """Name of the bucket of event bodies that are too large for the bus, below `claims/`."""
    claims_bucket_arn: pulumi.Output[str]
    """ARN of that bucket, for the permissions of a consumer."""
    failures_bucket_name: pulumi.Output[str]
    """Name of the bucket of complete records that could not be relayed."""
    relay_function_name: pulumi.Output[str]
    """Name of the relay function."""
    sweeper_function_name: pulumi.Output[str]
    """Name of the sweeper function."""
    ship_order_function_name: pulumi.Output[str]
    """Name of the shipping function. Empty without the shipping consumer."""
    ship_order_queue_url: pulumi.Output[str]
    """URL of the queue of the shipping function. Empty without the shipping consumer."""
    ship_order_dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue of the shipping function. Empty without it."""
    rule_dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue of the rule of the shipping consumer. Empty without it."""

    def __init__(
        self,
        name: str,
        args: OutboxPipelineArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__("colonnade:index:OutboxPipeline", name, {}, opts)
        args = resolve("OutboxPipeline", name, OutboxPipelineArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._retain, self._source = args["retain_data"], args["event_source"]
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._create_tables()
        self._create_buckets()
        self._create_bus()
        self._create_place_order()
        self._relay = self._create_relay()
        self._shipping = self._create_shipping() if args["shipping"] else None
        self._create_dashboard()
        outputs = {**self._outputs(), **self._shipping_outputs()}
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_read_orders(self) -> AccessArgs:
        """Grant a function to read single orders; `ORDERS_TABLE` is the name of the table."""
        return {
            "environment": {"ORDERS_TABLE": self._orders.table_name},
            "statements": [self._orders.grant("GetItem")],
        }

    def _create_tables(self) -> None:
        self._orders = Table(
            f"{self._name}-orders",
            parent=self,
            keys={"orderId": "S"},
            retain=self._retain,
            adopt=self._args.get("orders_table_arn"),
        )
        self._outbox = Table(
            f"{self._name}-outbox",
            parent=self,
            keys={"aggregateId": "S", "sequence": "N"},
            index=Index("pending", {"pending": "S", "createdAt": "S"}),
            retain=self._retain,
            expires=True,
            stream=True,
            adopt=self._args.get("outbox_table_arn"),
            adopt_stream=self._args.get("outbox_stream_arn"),
        )

    def _create_buckets(self) -> None:
        self._claims = Bucket(
            f"{self._name}-claims",
            parent=self,
            retain=self._retain,
            # Two weeks longer than an archived event can be replayed.
            expire_days=self._args["archive_retention_days"] + 14,
        )
        self._failures = Bucket(
            f"{self._name}-failures", parent=self, retain=self._retain, versioned=self._retain
        )

    def _create_bus(self) -> None:
        adopted = self._args.get("event_bus_arn")
        if adopted is None:
            bus = aws.cloudwatch.EventBus(f"{self._name}-bus", opts=self._opts)
            self._bus_arn, self._bus_name = bus.arn, bus.name
        else:
            self._bus_arn = pulumi.Output.from_input(adopted)
            self._bus_name = self._bus_arn.apply(lambda arn: arn.rsplit("/", 1)[-1])
        self._archive = aws.cloudwatch.EventArchive(
            f"{self._name}-archive",
            event_source_arn=self._bus_arn,
            event_pattern=pulumi.Output.json_dumps({"source": [self._source]}),
            retention_days=self._args["archive_retention_days"],
            opts=self._opts,
        )

    def _create_place_order(self) -> None:
        access: AccessArgs = {
            "environment": {
                "ORDERS_TABLE": self._orders.table_name,
                "OUTBOX_TABLE": self._outbox.table_name,
                "EVENT_SOURCE": self._source,
            },
            "statements": [
                self._orders.grant("GetItem", "PutItem"),
                self._outbox.grant("PutItem"),
            ],
        }
        self._place_order = Function(
            f"{self._name}-place-order",
            self._args["order_code"],
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=[access, self._args["order_access"]],
        )
        create_schema_registry(
            f"{self._name}-events", self._args["order_code"], self._source, parent=self
        )

    def _create_relay(self) -> EventRelay:
        return EventRelay(
            self._name,
            parent=self,
            outbox=self._outbox,
            bus=(self._bus_name, self._bus_arn),
            claims=self._claims,
            failures=self._failures,
            settings=self._args["functions"],
            alarms=self._alarms,
            max_retry_attempts=self._args["relay_max_retry_attempts"],
            resend_after_minutes=self._args["resend_after_minutes"],
            sent_retention_days=self._args["sent_retention_days"],
        )

    def _create_shipping(self) -> EventConsumer:
        self._shipments = Table(
            f"{self._name}-shipments", parent=self, keys={"orderId": "S"}, retain=self._retain
        )
        access: AccessArgs = {
            "environment": {
                "SHIPMENTS_TABLE": self._shipments.table_name,
                "CLAIMS_BUCKET": self._claims.bucket_name,
            },
            "statements": [self._shipments.grant("PutItem"), self._claims.grant_read("claims/")],
        }
        args: EventConsumerArgs = {
            "event_bus_name": self._bus_name,
            "event_source": self._source,
            "detail_types": ["OrderCreated"],
            "code": "outbox_pipeline/ship_order",
            # An order has one OrderCreated, and no other event of the order replaces it.
            "ordering": "each",
            "access": [access],
            "functions": self._args["functions"],
            "retain_data": self._retain,
            "alarm_topic_arn": self._args.get("alarm_topic_arn"),
        }
        return EventConsumer(f"{self._name}-shipping", args, self._opts)

    def _create_dashboard(self) -> None:
        shipping = self._shipping.alarm_arns if self._shipping else []
        create_outbox_dashboard(
            f"{self._name}-dashboard",
            parent=self,
            place_order=self._place_order,
            relay=self._relay,
            outbox=self._outbox,
            alarm_arns=[*self._alarms.arns, *shipping],
        )

    def _outputs(self) -> dict[str, pulumi.Output[str]]:
        return {
            "place_order_function_name": self._place_order.function_name,
            "place_order_function_arn": self._place_order.arn,
            "orders_table_name": self._orders.table_name,
            "outbox_table_name": self._outbox.table_name,
            "event_bus_name": self._bus_name,
            "event_bus_arn": self._bus_arn,
            "event_source": pulumi.Output.from_input(self._source),
            "archive_name": self._archive.name,
            "claims_bucket_name": self._claims.bucket_name,
            "claims_bucket_arn": self._claims.arn,
            "failures_bucket_name": self._failures.bucket_name,
            "relay_function_name": self._relay.relay.function_name,
            "sweeper_function_name": self._relay.sweeper.function_name,
        }

    def _shipping_outputs(self) -> dict[str, pulumi.Output[str]]:
        shipping, none = self._shipping, pulumi.Output.from_input("")
        return {
            "shipments_table_name": self._shipments.table_name if shipping else none,
            "ship_order_function_name": shipping.function_name if shipping else none,
            "ship_order_queue_url": shipping.queue_url if shipping else none,
            "ship_order_dead_letter_queue_url": shipping.dead_letter_queue_url
            if shipping
            else none,
            "rule_dead_letter_queue_url": shipping.rule_dead_letter_queue_url if shipping else none,
        }


def _check(problems: Problems, args: OutboxPipelineArgs) -> None:
    check_queue_concurrency(problems, args["functions"])
    problems.together(args, "", "outbox_table_arn", "outbox_stream_arn")
