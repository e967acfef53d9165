"""Runs a Pulumi program under the local monitor."""

import asyncio
import logging
import runpy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.stack import run_in_stack

from local.emulator.clients import Clients
from local.engine import constraints
from local.engine.graph import Graph
from local.engine.monitor import LocalMonitor
from local.engine.problems import describe, remember_places
from local.engine.reports import Reports
from local.engine.settling import settled
from local.engine.values import reportable, unknown_paths

WORKERS = 4  # more threads are no faster: the work is bound by the CPU here and in the emulator


@dataclass(frozen=True)
class Run:
    """One run of a program; see `local.engine.stackconfig` for `config`."""

    folder: str
    project: str
    stack: str
    config: dict[str, str]
    secret_keys: list[str]
    endpoint: str
    secret: str
    """The administrator's secret access key at the endpoint."""
    provider: dict[str, Any]
    """Configuration of the default AWS provider: region, defaultTags."""


def execute(run: Run, reports: Reports) -> bool:
    """Runs the program and reports its events. Returns True if every resource was created."""
    graph = Graph(run.project, run.stack)
    clients = Clients(run.endpoint, run.secret, constraints.check)
    monitor = LocalMonitor(graph, clients, reports, run.provider)
    problem = _run(run, monitor, reports)
    if problem:
        reports("problem", message=problem)
    broken = bool(problem or graph.failed)
    for path in [] if broken else unknown_paths(monitor.stack_outputs):
        reports("problem", message=f"the stack output {path} has no local value")
        broken = True
    reports(
        "done",
        outputs=reportable(monitor.stack_outputs),
        secrets=monitor.secret_outputs,
        resources=[asdict(each) | {"inputs": reportable(each.inputs)} for each in _made(graph)],
    )
    return not broken


def _made(graph: Graph) -> list[Any]:
    return [each for urn, each in graph.registrations.items() if urn not in graph.failed]


def _run(run: Run, monitor: LocalMonitor, reports: Reports) -> str | None:
    """Runs the program as Pulumi's language host does. Returns the error message, if any."""
    settings.ROOT.set(None)
    settings.configure(_settings(run, monitor, reports))
    pulumi_config.set_all_config(run.config, run.secret_keys)
    remember_places()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(WORKERS))
    loop.set_exception_handler(lambda _loop, _context: None)  # the returned message is enough
    program = str(Path(run.folder) / "__main__.py")
    try:
        loop.run_until_complete(run_in_stack(settled(lambda: _start(program))))
    except BaseException as error:
        if isinstance(error, SystemExit) and not error.code:
            return None
        return describe(error, Path(run.folder))
    return None


def _start(program: str) -> None:
    runpy.run_path(program, run_name="__main__")


def _settings(run: Run, monitor: LocalMonitor, reports: Reports) -> MockSettings:
    logger = logging.getLogger("pulumi.program")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(_Forward(reports))
    deployment = monitor.GetDeploymentInfo(empty_pb2.Empty())  # type: ignore[no-untyped-call]
    return MockSettings(  # type: ignore[no-untyped-call]
        monitor=monitor,
        monitor_features=set(deployment.supportedFeatures),
        engine=MockEngine(logger),
        project=run.project,
        stack=run.stack,
        root_directory=run.folder,
        organization="organization",
        dry_run=False,
        callbacks=None,
    )


class _Forward(logging.Handler):
    def __init__(self, reports: Reports) -> None:
        super().__init__()
        self._reports = reports

    def emit(self, record: logging.LogRecord) -> None:
        severity = record.levelname.lower()
        self._reports("log", severity=severity, message=record.getMessage())
