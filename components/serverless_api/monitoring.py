"""Alarms and dashboard of an API."""

from collections.abc import Sequence

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.dashboard import Dashboard
from .functions import ApiFunctions
from .rest_api import RestApi


def create_api_alarms(alarms: Alarms, api: RestApi) -> list[pulumi.Output[str]]:
    """Create the alarms of an API: server errors, latency, and a surge of client errors.

    Returns:
        The names of the first two, which new code can cause.
    """
    stage = _dimensions(api)
    server_errors = alarms.above(
        "5xx",
        0.01,
        "AWS/ApiGateway/5XXError",
        stage,
        statistic="Average",
        minutes=3,
        meaning="More than 1 % of the requests fail with a server error.",
    )
    latency = alarms.above(
        "latency",
        3000,
        "AWS/ApiGateway/Latency",
        stage,
        statistic="p99",
        minutes=5,
        meaning="The 99th percentile of the latency is above 3 s.",
    )
    alarms.above(
        "4xx-surge",
        0.5,
        "AWS/ApiGateway/4XXError",
        stage,
        statistic="Average",
        minutes=5,
        meaning="Half of the requests are rejected: a broken client, throttling, or an attack.",
    )
    return [server_errors, latency]


def create_api_dashboard(
    name: str,
    parent: pulumi.Resource,
    api: RestApi,
    functions: ApiFunctions,
    alarm_arns: Sequence[pulumi.Output[str]],
) -> None:
    """Create a dashboard of an API and its functions: requests, errors and latency."""
    stage = _dimensions(api)
    own = [{"FunctionName": function.function_name} for function, _ in functions.created.values()]
    dashboard = Dashboard()
    dashboard.graph("Requests", [("AWS/ApiGateway/Count", stage)])
    dashboard.graph(
        "Rejected and failed requests", [(f"AWS/ApiGateway/{kind}XXError", stage) for kind in "45"]
    )
    dashboard.graph("Latency (ms, p99)", [("AWS/ApiGateway/Latency", stage)], statistic="p99")
    dashboard.graph(
        "Cache", [(f"AWS/ApiGateway/Cache{kind}Count", stage) for kind in ("Hit", "Miss")]
    )
    dashboard.graph("Errors of functions", [("AWS/Lambda/Errors", each) for each in own])
    dashboard.graph(
        "Duration of functions (ms, p99)",
        [("AWS/Lambda/Duration", each) for each in own],
        statistic="p99",
    )
    dashboard.create(f"{name}-dashboard", parent, api.execution_arn, api.api.id, alarm_arns)


def _dimensions(api: RestApi) -> dict[str, pulumi.Input[str]]:
    return {"ApiName": api.api.name, "Stage": api.stage.stage_name}
