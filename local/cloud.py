"""A stack of this project on the embedded AWS, for `make up` and for tests."""

import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.emulator.process import Emulator, EmulatorError
from local.engine import stackconfig
from local.engine.process import EMBEDDED, Engine
from local.errors import LocalError

Client = Any
"""A boto3 client: one type per service."""
PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Resource:
    """One resource or component that the program registered."""

    type: str
    name: str
    urn: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    dependencies: list[str]
    aliases: list[str]
    protect: bool
    provider: str
    secrets: list[str]
    id: str
    outputs: dict[str, Any]
    retain_on_delete: bool = False
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    """Options of a resource, which are known only without Pulumi's engine."""


@dataclass(frozen=True)
class Timings:
    """The seconds that each part of a start took."""

    emulator: float
    program: float
    total: float


class Cloud:
    """One stack on an emulator of its own. Both end with the `with` block.

        with Cloud(systems=["orders"]) as cloud:
            cloud.client("dynamodb").scan(TableName=cloud.outputs["orders"]["ordersTable"])

    Entering raises DeploymentError with all failures, or LocalError for any other problem the user
    can fix: a port in use, a broken configuration.
    """

    def __init__(
        self,
        *,
        stack: str = "dev",
        systems: Sequence[str] | None = None,
        port: int = 0,
        overrides: Mapping[str, Any] | None = None,
        program: str | Path = PROJECT,
        listen: Callable[[dict[str, Any]], None] = lambda _report: None,
        folder: str | Path | None = None,
        engine: str = EMBEDDED,
    ) -> None:
        """Prepares the stack; `start` runs it.

        Args:
            stack: Name of Pulumi.<stack>.yaml.
            systems: The systems to run. Default: those of the stack.
            port: Port of the endpoint on 127.0.0.1. Default: a free port.
            overrides: Config values by key that replace those of the stack.
            program: The folder of Pulumi.yaml and __main__.py.
            listen: Receives every report of the engine (`local/engine/reports.py`).
            folder: For the emulator's logs and scratch files. Default: a temporary folder.
            engine: Module of the engine process (`local/engine/process.py`).
        """
        self._folder = Path(program).resolve()
        self._stack = stack
        self._overrides = dict(overrides or {}) | ({"systems": list(systems)} if systems else {})
        self._listen = listen
        self._engine = engine
        self.emulator = Emulator(port=port, folder=folder)
        self.outputs: dict[str, Any] = {}
        """The stack's outputs, with secrets in plain text."""
        self.secret_outputs: frozenset[str] = frozenset()
        """The outputs that are secret: {"orders.password"}."""
        self.resources: list[Resource] = []
        """All registered resources, in order."""
        self.timings = Timings(0, 0, 0)
        self.region = ""
        """The default region of the stack."""

    @property
    def endpoint(self) -> str:
        """The endpoint for AWS clients."""
        return self.emulator.endpoint

    @property
    def mails(self) -> str:
        """The address of the sent mails, which only those can read who know it."""
        return self.emulator.mails

    @property
    def function_logs(self) -> Path:
        """The log of all functions, as JSON lines {time, function, line}."""
        return self.emulator.function_logs

    def client(self, service: str, region: str | None = None, **credentials: str) -> Client:
        """Returns a boto3 client. Default credentials: the administrator's."""
        return self.emulator.client(service, region or self.region, **credentials)

    def find(self, type_: str, name: str | None = None) -> Resource:
        """Returns the only resource of a type (and logical name). Raises LookupError otherwise."""
        found = [
            each for each in self.resources if each.type == type_ and name in (None, each.name)
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} resources of type {type_} and name {name}")
        return found[0]

    def start(self) -> Self:
        """Starts the emulator and runs the program."""
        started = time.monotonic()
        config = configuration(self._folder, self._stack, self._overrides)
        self.region = config.provider()["region"]
        engine = Engine(self._folder, self._engine)
        try:
            self._start_emulator()
            ready = time.monotonic()
            asked = request(config, self._folder, self.endpoint, self.emulator.secret)
            done = engine.run(asked, self._listen)
        except BaseException:
            engine.stop()
            self.stop()
            raise
        engine.stop()
        self.outputs = done["outputs"]
        self.secret_outputs = frozenset(done["secrets"])
        self.resources = [Resource(**each) for each in done["resources"]]
        ended = time.monotonic()
        self.timings = Timings(ready - started, ended - ready, ended - started)
        return self

    def _start_emulator(self) -> None:
        try:
            self.emulator.start()
        except EmulatorError as error:
            raise LocalError(str(error)) from None

    def stop(self) -> None:
        """Stops the emulator and removes the stack with it."""
        self.emulator.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def request(
    config: stackconfig.StackConfig, folder: Path, endpoint: str, secret: str
) -> dict[str, Any]:
    """Returns the fields of `local.engine.program.Run`."""
    return {
        "folder": str(folder),
        "project": config.project,
        "stack": config.stack,
        "config": config.values,
        "secret_keys": [],
        "endpoint": endpoint,
        "secret": secret,
        "provider": config.provider(),
    }


def configuration(
    folder: Path, stack: str, overrides: Mapping[str, Any]
) -> stackconfig.StackConfig:
    """Returns a stack's configuration for this machine. Raises LocalError if it is invalid."""
    return stackconfig.load(folder, stack, overrides).of_this_machine(_machine())


def all_systems(folder: Path, stack: str) -> list[str]:
    """Returns the systems of the project, also those that a stack leaves out for their price on
    AWS; none if the project has no such setting. Raises LocalError as `configuration`."""
    systems = configuration(folder, stack, {}).default("systems")
    return [str(each) for each in systems] if isinstance(systems, list) else []


def _machine() -> dict[str, str]:
    """Returns the settings in which this machine may differ from Lambda: CPU and Python version."""
    arm = platform.machine().lower() in ("arm64", "aarch64")
    return {
        "lambdaArchitecture": "arm64" if arm else "x86_64",
        "lambdaPython": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
