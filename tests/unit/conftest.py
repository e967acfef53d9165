"""The graph of each stack, and the statements of its policies."""

import json
import runpy
from collections.abc import Iterator
from typing import Any

import pytest

from local.engine import stackconfig
from tests.conftest import Build, Built
from tests.projects import EVERYTHING, ROOT


def stack_graph(build: Build, stack: str) -> Built:
    """Build the whole program with every optional feature of a stack enabled."""
    config = stackconfig.load(ROOT, stack, EVERYTHING)
    return build(
        lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"),
        config.values,
        stack,
    )


@pytest.fixture(scope="session")
def graphs() -> dict[str, Built]:
    from tests.conftest import run

    return {stack: stack_graph(run, stack) for stack in ("dev", "prod")}


@pytest.fixture(params=["dev", "prod"])
def graph(request: pytest.FixtureRequest, graphs: dict[str, Built]) -> Built:
    """Return the graph of dev, then of prod."""
    return graphs[request.param]


def statements(policy: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of a policy document, with actions and resources as lists."""
    for statement in json.loads(policy)["Statement"]:
        for key in ("Action", "Resource"):
            value = statement.get(key, [])
            statement[key] = [value] if isinstance(value, str) else value
        yield statement
