"""The components as a plugin: a process that Pulumi's engine, or here a test, calls over gRPC.

`pulumi package add` makes this plugin available in every language. The resources that it registers
go to the monitor of local mode in place of the engine's.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2_grpc,
)

from local.engine.monitor import LocalMonitor
from local.engine.values import plain
from tests.projects import ROOT

MONITOR = (
    "GetDeploymentInfo",
    "Invoke",
    "ReadResource",
    "RegisterPackage",
    "RegisterResource",
    "RegisterResourceOutputs",
    "RegisterStackTransform",
    "SignalAndWaitForShutdown",
    "SupportsFeature",
)


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Serve a monitor of this process over gRPC."""

    def __init__(self, monitor: LocalMonitor):
        for name in MONITOR:
            answer = getattr(monitor, name)
            setattr(self, name, lambda request, _context, answer=answer: answer(request))


class Log(engine_pb2_grpc.EngineServicer):
    """Keep the warnings and errors that the plugin logs."""

    def __init__(self):
        self.messages: list[str] = []

    def Log(self, request: Any, _context: Any) -> Any:
        if request.severity >= engine_pb2.WARNING:
            self.messages.append(request.message)
        return empty_pb2.Empty()


class Plugin:
    """A running plugin."""

    def __init__(self, stub: Any, address: str, log: Log):
        self._stub = stub
        self._address = address
        self.log = log

    def schema(self) -> str:
        """Return the schema of all components, as JSON."""
        return self._stub.GetSchema(provider_pb2.GetSchemaRequest()).schema

    def construct(self, kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Create a component and return its outputs."""
        given = struct_pb2.Struct()
        given.update(inputs)
        answer = self._stub.Construct(
            provider_pb2.ConstructRequest(
                project="shop",
                stack="test",
                type=f"colonnade:index:{kind}",
                name=name,
                inputs=given,
                monitorEndpoint=self._address,
                parallel=16,
            )
        )
        return plain(answer.state)


@contextmanager
def plugin(monitor: LocalMonitor, project: Path) -> Iterator[Plugin]:
    """Start the plugin for the program in `project`, as Pulumi's language host does."""
    log = Log()
    server = grpc.server(ThreadPoolExecutor(16))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(monitor), server)
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with subprocess.Popen(
        [sys.executable, "-u", ROOT / "components", address],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            port = process.stdout.readline().strip()
            assert port.isdigit(), "the plugin did not start"
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel), address, log)
        finally:
            process.kill()
            server.stop(None)
