"""`build` runs a program under the SDK's own monitor and returns every resource it registered.

No engine, no emulator: outputs that AWS would compute are made up from the resource's name. What
AWS does with the resources is tested in tests/local.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.stack import run_in_stack

from local.engine.graph import Graph, Registration
from local.engine.monitor import LocalMonitor
from local.engine.reports import Reports

ACCOUNT = "123456789012"


class GraphMonitor(LocalMonitor):
    """Registers resources as local mode does, and creates none."""

    def _create(self, context: Any, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        service = context.type.split(":")[1].split("/")[0]
        physical = inputs.get("name") or f"{context.name}-1a2b3c4"
        arn = f"arn:aws:{service}:us-east-1:{ACCOUNT}:{_path(context.type, physical, inputs)}"
        outputs = {
            "name": physical,
            "bucket": physical,
            "arn": arn,
            "url": f"https://{service}.test/{ACCOUNT}/{physical}",
            "uuid": f"uuid-of-{physical}",
            "version": "1",
            "streamArn": f"{arn}/stream/1",
            "invokeUrl": f"https://{physical}.test/live",
            "executionArn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{physical}",
            "domain": inputs.get("domain"),
            "fqdn": inputs.get("name"),
            "regionalDomainName": f"{physical}.test",
            "regionalZoneId": "Z2",
            "domainValidationOptions": [
                {
                    "resourceRecordName": "_proof.test",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "proof.test",
                }
            ],
        }
        return physical, {key: value for key, value in outputs.items() if value is not None}


def _path(kind: str, physical: str, inputs: dict[str, Any]) -> str:
    """The last part of an ARN, where components take it apart."""
    paths = {
        "aws:lambda/function:Function": f"function:{physical}",
        "aws:lambda/alias:Alias": f"function:{inputs.get('functionName')}:{physical}",
        "aws:cognito/userPool:UserPool": f"userpool/{physical}",
        "aws:dynamodb/table:Table": f"table/{physical}",
    }
    return paths.get(kind, physical)


@dataclass(frozen=True)
class Built:
    """What a program registered."""

    resources: list[Registration]
    outputs: dict[str, Any]

    def of(self, kind: str) -> list[Registration]:
        """The resources whose type ends in `kind`: `Table`, `EventSourceMapping`."""
        return [each for each in self.resources if each.type.rsplit(":", 1)[-1] == kind]

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


def run(
    program: Callable[[], None], config: dict[str, str] | None = None, stack: str = "test"
) -> Built:
    reports: list[tuple[str, dict[str, Any]]] = []
    graph = Graph("colonnade", stack)
    recorder = cast(Reports, _Recorder(reports))
    nowhere = cast(Any, SimpleNamespace(endpoint="http://127.0.0.1"))
    monitor = GraphMonitor(graph, nowhere, recorder, {"region": "us-east-1"})
    settings.ROOT.set(None)
    settings.configure(
        MockSettings(
            monitor=monitor,
            monitor_features=set(monitor.GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures),
            engine=MockEngine(None),
            project="colonnade",
            stack=stack,
            root_directory=".",
            organization="organization",
            dry_run=False,
            callbacks=None,
        )
    )
    pulumi_config.set_all_config(config or {}, [])
    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())  # the SDK asks for it outside of coroutines
        runner.run(run_in_stack(program))
    failed = [fields["message"] for kind, fields in reports if kind == "failed"]
    assert not failed, failed
    return Built(list(graph.registrations.values()), monitor.stack_outputs)


class _Recorder:
    def __init__(self, reports: list[tuple[str, dict[str, Any]]]) -> None:
        self._reports = reports

    def __call__(self, kind: str, **fields: Any) -> None:
        self._reports.append((kind, fields))

    def not_emulated(self, what: str) -> None:
        pass


@pytest.fixture
def build() -> Build:
    """Runs a program and returns what it registered: `build(lambda: Component("x", {...}))`."""
    return run
