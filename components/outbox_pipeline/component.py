"""OutboxPipeline: orders and their events, nothing lost and nothing handled twice."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, check_access
from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs, check_functions
from .._blocks.table import Index, Table
from .._blocks.validate import Problems
from ..event_consumer import EventConsumer, EventConsumerArgs
from .event_relay import EventRelay
from .monitoring import create_outbox_dashboard
from .schema_registry import create_schema_registry


class OutboxPipelineArgs(TypedDict):
    event_source: NotRequired[str]
    """`source` of the events on the bus. Default: `colonnade.orders`."""
    order_code: NotRequired[str]
    """Folder of the caller's own order function (`app.py`, `schemas/`, `requirements.txt`), which
    finds the `outbox` library beside it. Default: this package's `outbox_pipeline/place_order`."""
    order_access: NotRequired[AccessArgs]
    """What the order function may reach besides both tables. Default: nothing."""
    orders_table_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own table of orders (key `orderId`). Default: a new one."""
    outbox_table_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own outbox table (keys: see docs/outbox.md). Default: a new one."""
    outbox_stream_arn: NotRequired[pulumi.Input[str]]
    """ARN of that table's stream of new images; needed beside `outbox_table_arn`."""
    event_bus_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own EventBridge bus. Default: a new one."""
    shipping: NotRequired[bool]
    """Whether the shipping consumer is deployed. Default: true."""
    functions: NotRequired[FunctionsArgs]
    """How all functions run. Default: arm64, Python 3.13, logs kept for 30 days."""
    resend_after_minutes: NotRequired[int]
    """Age at which the sweeper sends an event again that was never marked as sent, 1 to 1440.
    Default: 5."""
    sent_retention_days: NotRequired[int]
    """Days that a sent event stays in the outbox, 1 to 365. Default: 7."""
    archive_retention_days: NotRequired[int]
    """Days that events can be replayed from the archive, 1 to 3650. Default: 30."""
    relay_max_retry_attempts: NotRequired[int]
    """How often a batch that crashes the relay is tried again before its records go to the failure
    store, 0 to 10000. Default: 10."""
    retain_data: NotRequired[bool]
    """Whether tables and buckets refuse to be deleted with their content. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class OutboxPipeline(pulumi.ComponentResource):
    """Order function -> orders and outbox in one transaction -> relay -> event bus -> consumers.

    Default settings: tables and buckets encrypted, TLS only, private, protected from deletion;
    one role per function with exact actions; the relay's retries capped, with a bucket that keeps
    failed records whole; a sweeper that sends again what was never marked as sent; an archive of
    all events; alarms and a dashboard.

    Other stacks attach an `EventConsumer` to `event_bus_name` and `event_source`.
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
    """Name of the table of shipments; empty without the shipping consumer."""
    event_bus_name: pulumi.Output[str]
    """Name of the event bus."""
    event_bus_arn: pulumi.Output[str]
    """ARN of the event bus."""
    event_source: pulumi.Output[str]
    """`source` of the events."""
    archive_name: pulumi.Output[str]
    """Name of the events' archive."""
    claims_bucket_name: pulumi.Output[str]
    """Bucket of the event bodies that are too large for the bus, below `claims/`."""
    claims_bucket_arn: pulumi.Output[str]
    """ARN of that bucket, so that a consumer can be granted to read it."""
    failures_bucket_name: pulumi.Output[str]
    """Bucket of the records that could not be relayed, whole."""
    relay_function_name: pulumi.Output[str]
    """Name of the relay function."""
    sweeper_function_name: pulumi.Output[str]
    """Name of the sweeper function."""
    ship_order_function_name: pulumi.Output[str]
    """Name of the shipping function; empty without it."""
    ship_order_queue_url: pulumi.Output[str]
    """URL of the shipping function's queue; empty without it."""
    ship_order_dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of events that it failed on; empty without it."""
    rule_dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of events that its rule could not deliver; empty without it."""

    def __init__(
        self,
        name: str,
        args: OutboxPipelineArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__("colonnade:index:OutboxPipeline", name, {}, opts)
        self._name, self._args = name, args
        _check(name, self._args)
        self._opts = pulumi.ResourceOptions(parent=self)
        self._retain = self._args.get("retain_data", True)
        self._source = self._args.get("event_source", "colonnade.orders")
        self._code = self._args.get("order_code", "outbox_pipeline/place_order")
        self._functions = self._args.get("functions", {})
        self._alarms = Alarms(name, self, self._args.get("alarm_topic_arn"))

        self._create_tables()
        self._create_buckets()
        self._create_bus()
        self._create_place_order()
        self._relay = self._create_relay()
        self._shipping = self._create_shipping() if self._args.get("shipping", True) else None
        self._create_dashboard()
        outputs = {**self._outputs(), **self._shipping_outputs()}
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_read_orders(self) -> AccessArgs:
        """For a function that reads single orders, named by `ORDERS_TABLE`."""
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
            # As long as an archived event can be replayed, and then some.
            expire_days=int(self._args.get("archive_retention_days", 30)) + 14,
        )
        self._failures = Bucket(f"{self._name}-failures", parent=self, retain=self._retain)

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
            retention_days=int(self._args.get("archive_retention_days", 30)),
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
            self._code,
            parent=self,
            settings=self._functions,
            alarms=self._alarms,
            libraries=["api", "aws_clients", "environment", "outbox"],
            access=[access, self._args.get("order_access", {})],
        )
        create_schema_registry(f"{self._name}-events", self._code, self._source, parent=self)

    def _create_relay(self) -> EventRelay:
        return EventRelay(
            self._name,
            parent=self,
            outbox=self._outbox,
            bus=(self._bus_name, self._bus_arn),
            claims=self._claims,
            failures=self._failures,
            settings=self._functions,
            alarms=self._alarms,
            maximum_retry_attempts=int(self._args.get("relay_max_retry_attempts", 10)),
            resend_after_minutes=int(self._args.get("resend_after_minutes", 5)),
            sent_retention_days=int(self._args.get("sent_retention_days", 7)),
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
            "access": [access],
            "functions": self._functions,
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


def _check(name: str, args: OutboxPipelineArgs) -> None:
    problems = Problems("OutboxPipeline", name)
    problems.unknown(args, OutboxPipelineArgs.__annotations__)
    source = args.get("event_source", "colonnade.orders")
    problems.that(source != "", "event_source", "is empty")
    problems.that(not source.startswith("aws."), "event_source", "'aws.' is reserved for AWS")
    problems.together(args, "outbox_table_arn", "outbox_stream_arn")
    problems.between(args, "resend_after_minutes", 1, 1440, "minutes")
    problems.between(args, "sent_retention_days", 1, 365, "days")
    problems.between(args, "archive_retention_days", 1, 3650, "days")
    problems.between(args, "relay_max_retry_attempts", 0, 10000, "tries")
    check_access(problems, "order_access", [args.get("order_access", {})])
    check_functions(problems, args.get("functions", {}))
    problems.report()
