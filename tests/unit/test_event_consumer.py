"""EventConsumer: a consumer in another stack, with the caller's code."""

import json
from pathlib import Path

import pytest

from components.event_consumer import EventConsumer
from tests.conftest import Build
from tests.projects import PYTHON


@pytest.fixture
def invoicing(tmp_path: Path) -> dict:
    """Return the arguments of a consumer with code in a folder of the caller."""
    (tmp_path / "app.py").write_text("def handler(event, context): return {}\n")
    return {
        "event_bus_name": "orders-bus-1234567",
        "event_source": "colonnade.orders",
        "detail_types": ["InvoiceRequested"],
        "code": str(tmp_path),
        "functions": {"python": PYTHON},
    }


def test_the_rule_matches_the_events_of_the_consumer(build: Build, invoicing: dict):
    graph = build(lambda: EventConsumer("invoicing", invoicing))
    rule = graph.one("invoicing-rule").inputs
    assert rule["eventBusName"] == "orders-bus-1234567"
    assert json.loads(rule["eventPattern"]) == {
        "source": ["colonnade.orders"],
        "detail-type": ["InvoiceRequested"],
    }
    assert (
        graph.one("invoicing-target").inputs["arn"] == graph.one("invoicing-queue").outputs["arn"]
    )


def test_the_function_has_the_name_of_its_inbox_table(build: Build, invoicing: dict):
    graph = build(lambda: EventConsumer("invoicing", invoicing))
    variables = graph.one("invoicing-function").inputs["environment"]["variables"]
    assert variables["INBOX_TABLE"] == graph.one("invoicing-inbox").outputs["name"]


def test_numeric_arguments_configure_the_resources(build: Build, invoicing: dict):
    configured = {
        **invoicing,
        "timeout": 60,
        "memory": 512,
        "batch_size": 5,
        "max_concurrency": 2,
        "max_receive_count": 3,
        "inbox_table_arn": "arn:aws:dynamodb:eu-west-1:1:table/mine",
    }
    graph = build(lambda: EventConsumer("invoicing", configured))
    function, mapping = (
        graph.one("invoicing-function").inputs,
        graph.one("invoicing-mapping").inputs,
    )
    queue = graph.one("invoicing-queue").inputs
    assert (function["timeout"], function["memorySize"]) == (60, 512)
    assert (mapping["batchSize"], mapping["scalingConfig"]) == (5, {"maximumConcurrency": 2})
    assert queue["visibilityTimeoutSeconds"] == 360
    assert json.loads(queue["redrivePolicy"])["maxReceiveCount"] == 3
    assert not graph.of("Table")


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"detail_types": []}, "detail_types: is empty; it must name at least one detail-type"),
        ({"detail_types": "Ordered"}, "detail_types: is 'Ordered'; it must be a list"),
        ({"detail_types": [1]}, "detail_types[0]: is 1; it must be a string"),
        ({"detail_types": None}, "detail_types: is missing; it is required"),
        ({"event_bus_name": None}, "event_bus_name: is missing; it is required"),
        ({"code": None}, "code: is missing; it is required"),
        ({"batch_size": 11}, "batch_size: is 11; it must be from 1 to 10 events"),
        ({"batch_size": "10"}, "batch_size: is '10'; it must be a whole number"),
        ({"timeout": 901}, "timeout: is 901; it must be from 1 to 900 seconds"),
        ({"max_concurrency": 1}, "max_concurrency: is 1; it must be from 2 to 1000"),
        ({"max_receive_count": 0}, "max_receive_count: is 0; it must be from 1 to 1000"),
        ({"memory": 64}, "memory: is 64; it must be from 128 to 10240 MiB"),
        ({"retain_data": "no"}, "retain_data: is 'no'; it must be true or false"),
        ({"functions": {"pythn": "3.13"}}, "functions.pythn: is not an argument; did you mean"),
        ({"access": {}}, "access: is {}; it must be a list"),
        ({"access": [{"actions": []}]}, "access[0].actions: is not an argument; known are"),
        (
            {"access": [{"statements": [{"actions": ["s3:*"], "resources": ["x"]}]}]},
            "access[0].statements[0].actions[0]: is 's3:*'; it must be an IAM action",
        ),
        ({"ordering": "last"}, "ordering: is 'last'; it must be one of"),
        ({"retries": 1}, "retries: is not an argument; "),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, invoicing: dict, overrides: dict, problem: str
):
    with pytest.raises(ValueError, match="EventConsumer 'invoicing'") as caught:
        build(lambda: EventConsumer("invoicing", {**invoicing, **overrides}))
    assert problem in str(caught.value)


def test_each_event_counts_by_default(build: Build, invoicing: dict):
    graph = build(lambda: EventConsumer("invoicing", invoicing))
    variables = graph.one("invoicing-function").inputs["environment"]["variables"]
    assert variables["INBOX_ORDERING"] == "each"
    assert not graph.of("LogMetricFilter")


def test_superseded_events_ring_an_alarm(build: Build, invoicing: dict):
    graph = build(lambda: EventConsumer("invoicing", {**invoicing, "ordering": "latest"}))
    filtered = graph.one("invoicing-superseded", "LogMetricFilter").inputs
    assert filtered["pattern"] == '{ $.message = "event superseded" }'
    alarm = graph.one("invoicing-superseded", "MetricAlarm").inputs
    transformation = filtered["metricTransformation"]
    assert (alarm["namespace"], alarm["metricName"]) == (
        transformation["namespace"],
        transformation["name"],
    )
