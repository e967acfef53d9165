"""EventConsumer: attached from another stack, with code of the user's own."""

import json
from pathlib import Path

import pytest

from components.event_consumer import EventConsumer
from tests.conftest import Build
from tests.projects import PYTHON


@pytest.fixture
def invoicing(tmp_path: Path) -> dict:
    """Arguments of a consumer whose code lies in a folder of the user's."""
    (tmp_path / "app.py").write_text("def handler(event, context): return {}\n")
    return {
        "event_bus_name": "orders-bus-1234567",
        "event_source": "colonnade.orders",
        "detail_types": ["InvoiceRequested"],
        "code": str(tmp_path),
        "functions": {"python": PYTHON},
    }


def test_it_listens_to_its_events_on_the_bus(build: Build, invoicing: dict):
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


def test_its_function_knows_its_inbox(build: Build, invoicing: dict):
    graph = build(lambda: EventConsumer("invoicing", invoicing))
    variables = graph.one("invoicing-function").inputs["environment"]["variables"]
    assert variables["INBOX_TABLE"] == graph.one("invoicing-inbox").outputs["name"]


def test_numbers_reach_the_resources(build: Build, invoicing: dict):
    sized = {
        **invoicing,
        "timeout": 60,
        "memory": 512,
        "batch_size": 5,
        "max_concurrency": 2,
        "max_receive_count": 3,
        "inbox_table_arn": "arn:aws:dynamodb:eu-west-1:1:table/mine",
    }
    graph = build(lambda: EventConsumer("invoicing", sized))
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
    ("given", "problem"),
    [
        ({"detail_types": []}, "detail_types: is empty; name at least one detail-type"),
        ({"batch_size": 11}, "batch_size: is 11; give a number of events from 1 to 10"),
        ({"timeout": 901}, "timeout: is 901"),
        ({"max_concurrency": 1}, "max_concurrency: is 1"),
        ({"memory": 64}, "memory: is 64"),
        ({"retries": 1}, "retries: no such argument"),
    ],
)
def test_bad_arguments_are_refused_by_name(
    build: Build, invoicing: dict, given: dict, problem: str
):
    with pytest.raises(ValueError, match="EventConsumer 'invoicing'") as caught:
        build(lambda: EventConsumer("invoicing", {**invoicing, **given}))
    assert problem in str(caught.value)
