"""The dashboard of an outbox pipeline."""

from collections.abc import Sequence

import pulumi

from .._blocks.dashboard import Dashboard
from .._blocks.function import Function
from .._blocks.table import Table
from .event_relay import EventRelay


def create_outbox_dashboard(
    name: str,
    *,
    parent: pulumi.Resource,
    place_order: Function,
    relay: EventRelay,
    outbox: Table,
    alarm_arns: Sequence[pulumi.Output[str]],
) -> None:
    """Create the dashboard: orders, events and the delay between them."""
    functions = [
        {"FunctionName": each.function_name} for each in (place_order, relay.relay, relay.sweeper)
    ]
    table = {"OutboxTable": outbox.table_name}
    dashboard = Dashboard()
    dashboard.graph(
        "Orders placed, events relayed, sweeps",
        [("AWS/Lambda/Invocations", each) for each in functions],
    )
    dashboard.graph("Errors", [("AWS/Lambda/Errors", each) for each in functions])
    dashboard.graph(
        "Time of an order (ms, p99)", [("AWS/Lambda/Duration", functions[0])], statistic="p99"
    )
    dashboard.graph(
        "Age of the stream (ms)", [("AWS/Lambda/IteratorAge", functions[1])], statistic="Maximum"
    )
    dashboard.graph(
        "Oldest unsent event (s)", [("Colonnade/OldestUnsentSeconds", table)], statistic="Maximum"
    )
    dashboard.graph("Events sent again by the sweeper", [("Colonnade/Resent", table)])
    dashboard.create(name, parent, place_order.arn, place_order.function_name, alarm_arns)
