"""Graphs to be judged."""

from collections.abc import Callable

import pytest

from local.engine import preview
from local.engine.graph import Registration

Judged = Callable[..., list[Registration]]


@pytest.fixture
def resources() -> Judged:
    """What a program registers in a stack: `resources(program, "prod")`."""

    def run(program: Callable[[], object], stack: str = "prod") -> list[Registration]:
        provider = {"region": "us-east-1"}
        return preview.run(program, {}, "colonnade", stack, provider).resources

    return run
