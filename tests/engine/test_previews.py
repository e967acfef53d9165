"""Previews on Pulumi's engine, from a clean checkout into an empty account."""

from collections import Counter

import pytest

from tests.engine.projects import Checkout

SYSTEMS = ("blog", "orders", "telemetry", "todo", "videos")


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_preview_from_scratch_has_no_warnings(checkout: Checkout, stack: str):
    done = checkout.run(stack, "preview")

    assert done.succeeded, done.printed
    assert done.troubles == []
    assert {step for steps in done.steps.values() for step in steps} == {"create"}
    count = Counter(urn.rsplit("::", 1)[-1].split("-")[0] for urn in done.steps)
    print({system: count[system] for system in SYSTEMS})
    for system in SYSTEMS:
        assert count[system] > 10
