"""Graphs to check."""

from collections.abc import Callable

import pytest

from local.engine import preview
from local.engine.graph import Registration

Resources = Callable[..., list[Registration]]


@pytest.fixture
def resources() -> Resources:
    """Return the resources that a program registers: `resources(program, "prod")`."""

    def run(program: Callable[[], object], stack: str = "prod") -> list[Registration]:
        provider = {"region": "us-east-1"}
        return preview.run(program, {}, "colonnade", stack, provider).resources

    return run
