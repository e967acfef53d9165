"""`build` runs a program under the SDK's own monitor and returns every resource it registered; no
engine, no emulator: see local/engine/preview.py. `deploy` runs it on an embedded cloud.
"""

import gc
import os
import runpy
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2

import tests.chance
from local.cloud import Cloud
from local.engine import preview, stackconfig
from local.engine.graph import Invoke, Registration
from tests.projects import EVERYTHING, ROOT, write_project

pytest_plugins = ["tests.quick"]

# The SDK describes the whole call stack for each resource. Under pytest, which adds forty frames,
# this takes a sixth of the time of a preview. No test reads it.
resource._get_stack_trace = source_pb2.StackTrace

# An Output in an f-string is an error, and not a text that explains what an Output is.
os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "true"


def pytest_configure() -> None:
    """Give each worker its own folder for temporary files, since tests check for leftovers."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        tempfile.tempdir = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="w-")
        # Servers of another user, such as PostgreSQL's, pass it.
        Path(tempfile.tempdir).chmod(0o711)


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)


def pytest_collection_finish() -> None:
    """Exclude imported modules from garbage collection, which otherwise scans them each time."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    return f"random choices: {tests.chance.SEED or 'fixed'} (TEST_SEED)"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the lines that tests record as their property `summary`."""
    for report in terminalreporter.getreports("passed"):
        for name, line in report.user_properties:
            if name == "summary":
                terminalreporter.write_line(line)


@dataclass(frozen=True)
class Built:
    """What a program registered."""

    resources: list[Registration]
    outputs: dict[str, Any]
    invokes: list[Invoke]

    def of(self, kind: str) -> list[Registration]:
        """The resources whose type ends in `kind`: `Table`, `EventSourceMapping`.

        Components only if no resource has such a type: `Queue` is that of SQS.
        """
        found = [each for each in self.resources if each.type.rsplit(":", 1)[-1] == kind]
        return [each for each in found if each.custom] or found

    @property
    def functions(self) -> list[Registration]:
        """The Lambda functions; those of CloudFront are another kind of thing."""
        return [each for each in self.of("Function") if each.type.startswith("aws:lambda/")]

    def one(self, name: str, kind: str = "") -> Registration:
        """The one resource of this name (and kind, where the name is not enough)."""
        found = [each for each in self.resources if each.name == name and each.type.endswith(kind)]
        assert len(found) == 1, f"{len(found)} resources are called {name}"
        return found[0]

    @property
    def children(self) -> list[str]:
        """Type, name and parent of every resource: the contract of a component."""
        by_urn = {each.urn: each.name for each in self.resources}
        rows = [(each.type, each.name, by_urn.get(each.parent, "")) for each in self.resources]
        return [" ".join(row).strip() for row in sorted(rows)]


Build = Callable[..., Built]
Deploy = Callable[..., Cloud]


def run(
    program: Callable[[], None],
    config: dict[str, str] | None = None,
    stack: str = "test",
    provider: dict[str, Any] | None = None,
) -> Built:
    provider = provider or {"region": "us-east-1"}
    made = preview.run(program, config or {}, "colonnade", stack, provider, workers=1)
    return Built(made.resources, made.outputs, made.invokes)


@pytest.fixture(autouse=True)
def own_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test call with its own credentials: boto3 keeps those of its first call."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture(scope="session")
def build() -> Build:
    """Runs a program and returns what it registered: `build(lambda: Component("x", {...}))`."""
    return run


@pytest.fixture(scope="session")
def graphs() -> dict[str, Built]:
    """The graphs of dev and of prod, with every optional feature enabled."""
    return {stack: platform(stack) for stack in ("dev", "prod")}


@pytest.fixture(params=["dev", "prod"])
def graph(request: pytest.FixtureRequest, graphs: dict[str, Built]) -> Built:
    """The graph of dev, then of prod."""
    return graphs[request.param]


def platform(stack: str, **overrides: Any) -> Built:
    """Run the program of the platform with every optional feature and some other settings."""
    config = stackconfig.load(ROOT, stack, {**EVERYTHING, **overrides})
    program = str(ROOT / "__main__.py")
    return run(
        lambda: runpy.run_path(program, run_name="__main__"),
        config.values,
        stack,
        config.provider(),
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with a dev stack and no program yet."""
    return write_project(tmp_path)


@pytest.fixture
def deploy(project: Path) -> Iterator[Deploy]:
    """`deploy(source, **options)` runs the program and returns its Cloud, gone after the test."""
    with ExitStack() as stack:

        def run(source: str, **options) -> Cloud:
            (project / "__main__.py").write_text("import json\nimport pulumi\n" + source)
            return stack.enter_context(Cloud(program=project, **options))

        yield run
