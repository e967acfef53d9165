"""The components from another language: the YAML example, through the plugin.

Pulumi's engine is not involved: tests/examples/plugin.py calls the plugin as the engine would, and
the embedded cloud creates the resources.
"""

import contextlib
import json
import platform
import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from pulumi.runtime.proto import errors_pb2, status_pb2

from local.emulator import Emulator
from local.emulator.clients import Clients
from local.engine.graph import Graph
from local.engine.monitor import LocalMonitor
from local.engine.reports import Reports
from tests.examples.plugin import Plugin, plugin
from tests.examples.yaml_program import Program
from tests.orders import ORDER
from tests.projects import PYTHON, ROOT

EXAMPLE = Path(__file__).parent / "yaml"
SCHEMA = json.loads((ROOT / "tests" / "contract" / "schema.json").read_text())


@dataclass
class Up:
    """The deployed example."""

    outputs: dict[str, Any]
    plugin: Plugin
    failures: list[str]
    clients: Clients


class Failures:
    """Keep what the monitor reports as failed."""

    def __init__(self):
        self.messages: list[str] = []

    def __call__(self, event: str, **details: Any) -> None:
        if event == "failed":
            self.messages.append(f"{details['urn']}: {details['message']}")

    def not_emulated(self, message: str) -> None:
        """Ignored."""


def of_this_machine(folder: Path) -> Path:
    """Copy the example, changed only to the Python version and CPU of this machine."""
    project = folder / "project"
    shutil.copytree(EXAMPLE, project)
    cpu = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    text = (project / "Pulumi.yaml").read_text()
    text = text.replace('python: "3.13"', f'python: "{PYTHON}"')
    text = text.replace("architecture: x86_64", f"architecture: {cpu}")
    (project / "Pulumi.yaml").write_text(text)
    return project


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    project = of_this_machine(tmp_path_factory.mktemp("yaml"))
    program, failures = Program(project), Failures()
    reports = cast(Reports, failures)
    # Paths of bundles are relative to the project, for the engine as for the plugin.
    with Emulator() as emulator, contextlib.chdir(project):
        clients = Clients(emulator.endpoint, emulator.secret)
        monitor = LocalMonitor(Graph("shop", "test"), clients, reports, {"region": "us-east-1"})
        with plugin(monitor, project) as running:
            for kind, name, inputs in program.resources():
                program.made(name, running.construct(kind, name, inputs))
            yield Up(program.outputs(), running, failures.messages, clients)
        clients.close()


def test_every_property_is_in_the_schema():
    program = Program(EXAMPLE)
    program.made("orders", SCHEMA["resources"]["colonnade:index:OutboxPipeline"]["properties"])
    for kind, _, inputs in program.resources():
        spec = SCHEMA["resources"][f"colonnade:index:{kind}"]
        assert inputs.keys() <= spec["inputProperties"].keys()
        assert set(spec.get("requiredInputs", ())) <= inputs.keys()
        functions = SCHEMA["types"]["colonnade:index:FunctionsArgs"]["properties"]
        assert inputs["functions"].keys() <= functions.keys()


def test_the_plugin_serves_the_schema_of_the_contract(up: Up):
    served = json.loads(up.plugin.schema())
    assert served["resources"] == SCHEMA["resources"]
    assert served["types"] == SCHEMA["types"]


def test_it_deploys_without_warnings_or_errors(up: Up):
    assert up.failures == []
    assert up.plugin.log.messages == []
    assert up.outputs["url"].startswith("http://127.0.0.1")


def test_the_function_of_the_project_answers(up: Up):
    with urllib.request.urlopen(f"{up.outputs['url']}/hello") as answer:
        assert (answer.status, answer.read()) == (200, b"hello")


def test_an_order_is_placed_through_the_function_of_the_component(up: Up):
    request = urllib.request.Request(
        f"{up.outputs['url']}/orders",
        json.dumps(ORDER).encode(),
        {"Content-Type": "application/json", "Idempotency-Key": "first"},
    )
    with urllib.request.urlopen(request) as answer:
        order = json.load(answer)
        assert answer.status == 201
    table = up.clients.get("dynamodb", "us-east-1", {})
    items = table.scan(TableName=up.outputs["ordersTable"])["Items"]
    assert [order["orderId"]] == [each["orderId"]["S"] for each in items]


def test_invalid_arguments_are_reported_in_the_names_of_the_schema_without_a_traceback(up: Up):
    wrong = {"formats": "webp", "maxUploadBytes": 0, "notifications": [{"prefix": "x/"}]}
    with pytest.raises(grpc.RpcError) as caught:
        up.plugin.construct("PhotoThumbnails", "photos", wrong)
    error = caught.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "PhotoThumbnails 'photos' has invalid arguments"
    (details,) = (each for key, each in error.trailing_metadata() if key.endswith("details-bin"))
    status, found = status_pb2.Status.FromString(details), errors_pb2.InputPropertiesError()
    assert status.details[0].Unpack(found)
    assert {each.property_path: each.reason for each in found.errors} == {
        "formats": "is 'webp'; it must be a list",
        "maxUploadBytes": "is 0; it must be from 1 to 104857600 bytes",
        "notifications[0]": "must have one of `queueArn`, `topicArn`, `functionArn`",
    }
