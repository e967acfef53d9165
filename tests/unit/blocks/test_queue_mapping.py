"""Queues receive no message that their function cannot take."""

from typing import Any

import pytest

from components import EventConsumer, IngestionPipeline, OutboxPipeline, PhotoThumbnails
from tests.conftest import Build
from tests.projects import PYTHON, ROOT

EVENTS = {
    "event_bus_name": "bus",
    "event_source": "colonnade.orders",
    "detail_types": ["OrderCreated"],
    "code": "outbox_pipeline/ship_order",
}
SCHEMA = (ROOT / "schemas" / "telemetry.yaml").read_text()


def mapping(build: Build, concurrency: dict[str, int], **more: Any) -> dict[str, Any]:
    args = {**EVENTS, "functions": {**concurrency, "python": PYTHON}, **more}
    return build(lambda: EventConsumer("x", args)).one("x-mapping").inputs


def test_a_queue_is_read_as_fast_as_the_function_can_take_it(build: Build):
    assert mapping(build, {}).get("scalingConfig") is None
    read = mapping(build, {"reserved_concurrency": 7})
    assert read["scalingConfig"] == {"maximumConcurrency": 7}
    read = mapping(build, {"reserved_concurrency": 5000})
    assert read["scalingConfig"] == {"maximumConcurrency": 1000}
    read = mapping(build, {"reserved_concurrency": 7}, max_concurrency=3)
    assert read["scalingConfig"] == {"maximumConcurrency": 3}
    assert read["enabled"] is True


def test_a_paused_function_leaves_its_messages_in_the_queue(build: Build):
    assert mapping(build, {"reserved_concurrency": 0}, max_concurrency=3)["enabled"] is False


def test_a_queue_cannot_be_faster_than_its_function(build: Build):
    with pytest.raises(ValueError, match=r"max_concurrency: is 8; it must be at most .* \(7\)"):
        mapping(build, {"reserved_concurrency": 7}, max_concurrency=8)


@pytest.mark.parametrize(
    ("component", "args"),
    [
        (EventConsumer, EVENTS),
        (OutboxPipeline, {}),
        (PhotoThumbnails, {}),
        (IngestionPipeline, {"schema": SCHEMA}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_concurrency_that_no_mapping_can_have_is_refused(build: Build, component: Any, args: Any):
    functions = {"functions": {"reserved_concurrency": 1}}
    problem = r"functions\.reserved_concurrency: is 1; .* needs at least 2, or 0 to pause it"
    with pytest.raises(ValueError, match=problem):
        build(lambda: component("x", {**args, **functions}))
