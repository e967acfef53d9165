"""A stack of this project, running on the embedded AWS: what `make up` and the tests stand on."""

import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
    secrets: list[str]
    id: str
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Timings:
    """Where the time of a start went, in seconds."""

    emulator: float
    program: float
    total: float


class Cloud:
    """One stack on an emulator of its own, both gone after the `with` block.

        with Cloud(systems=["orders"]) as cloud:
            cloud.client("dynamodb").scan(TableName=cloud.outputs["orders"]["ordersTable"])

    Entering raises DeploymentError with all that failed, or LocalError for anything else the user
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
        """Prepares; nothing runs yet.

        Args:
            stack: Which Pulumi.<stack>.yaml.
            systems: Instead of the stack's own list. None or empty leaves that.
            port: Of the endpoint on 127.0.0.1. 0 takes a free one.
            overrides: Config values by key, over those of the stack.
            program: The folder of Pulumi.yaml and __main__.py.
            listen: Called with every report of the engine (`local/engine/reports.py`).
            folder: For the emulator's logs and scratch files. A temporary one by default.
            engine: Which engine process (`local/engine/process.py`).
        """
        self._folder = Path(program).resolve()
        self._stack = stack
        self._overrides = dict(overrides or {}) | ({"systems": list(systems)} if systems else {})
        self._listen = listen
        self._engine = engine
        self.emulator = Emulator(port=port, folder=folder)
        self.outputs: dict[str, Any] = {}
        """The stack's outputs, secrets in the clear."""
        self.secret_outputs: frozenset[str] = frozenset()
        """Which outputs are not for showing: {"orders.password"}."""
        self.resources: list[Resource] = []
        """Everything that was registered, in order."""
        self.timings = Timings(0, 0, 0)
        self.region = ""
        """The default region of the stack."""

    @property
    def endpoint(self) -> str:
        """Address for AWS clients."""
        return self.emulator.endpoint

    @property
    def function_logs(self) -> Path:
        """What functions print, as JSON lines {time, function, line}."""
        return self.emulator.function_logs

    def client(self, service: str, region: str | None = None, **credentials: str) -> Client:
        """A boto3 client, the administrator's unless other credentials are given."""
        return self.emulator.client(service, region or self.region, **credentials)

    def find(self, type_: str, name: str | None = None) -> Resource:
        """The one resource of this type (and logical name). Raises LookupError otherwise."""
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
            done = engine.run(request(config, self._folder, self.endpoint), self._listen)
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
        """Ends the emulator; nothing of the stack is left."""
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


def request(config: stackconfig.StackConfig, folder: Path, endpoint: str) -> dict[str, Any]:
    """What an engine runs: the fields of `local.engine.program.Run`."""
    return {
        "folder": str(folder),
        "project": config.project,
        "stack": config.stack,
        "config": config.values,
        "secret_keys": [],
        "endpoint": endpoint,
        "provider": config.provider(),
    }


def configuration(
    folder: Path, stack: str, overrides: Mapping[str, Any]
) -> stackconfig.StackConfig:
    """A stack's values as this machine needs them. Raises LocalError for a broken one."""
    return stackconfig.load(folder, stack, overrides).of_this_machine(_machine())


def _machine() -> dict[str, str]:
    """The two knobs in which a laptop may differ from Lambda: its CPU and its Python."""
    arm = platform.machine().lower() in ("arm64", "aarch64")
    return {
        "lambdaArchitecture": "arm64" if arm else "x86_64",
        "lambdaPython": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
