"""Answers what ministack's ECS scheduler asks Docker, with processes of this machine.

The scheduler is written against docker-py: `containers.run`, `get` and `list`, and `images.pull`,
`get` and `get_registry_data`.
"""

import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .images import Image, Images
from .processes import ServiceProcess
from .targets import Targets

ADDRESS = "127.0.0.1"
NAME = "com.amazonaws.ecs.container-name"


class Container:
    """A container, in the form of docker-py."""

    def __init__(
        self,
        process: ServiceProcess,
        labels: Mapping[str, str],
        stop_timeout: float,
        targets: Targets,
    ) -> None:
        self.id = uuid.uuid4().hex * 2
        self.labels = dict(labels)
        self.attrs = {"NetworkSettings": {"Networks": {"local": {"IPAddress": ADDRESS}}}}
        self.port = process.port
        self._process, self._stop_timeout, self._targets = process, stop_timeout, targets

    @property
    def name(self) -> str:
        """The name in the task definition."""
        return self.labels[NAME]

    @property
    def status(self) -> str:
        """`running` or `exited`."""
        return "running" if self._process.running else "exited"

    def reload(self) -> None:
        """Do nothing: the status is always the current one."""

    def wait(self) -> dict[str, int]:
        """Wait for the end."""
        return {"StatusCode": self._process.wait()}

    def stop(self, timeout: float = 0) -> None:
        """Stop as ECS does, in the background: drain, SIGTERM, stop timeout, SIGKILL.

        The timeout is that of the task definition and not the scheduler's.
        """
        key = ADDRESS, self.port
        self._process.stop(self._stop_timeout, before=lambda: self._targets.await_drained(key))

    def remove(self, v: bool = False, force: bool = False) -> None:
        """Stop: the scheduler removes what it has stopped, and `force` is for a reset."""
        if force:
            self._process.kill()
        else:
            self.stop()

    def logs(self, stream: bool = False, **_options: Any) -> bytes | Iterator[bytes]:
        """Return the output so far, or follow it."""
        if not stream:
            return self._process.printed().encode()
        return (f"{line}\n".encode() for line in self._process.lines())


@dataclass(frozen=True)
class Registered:
    """An image of the registry, in the form of docker-py."""

    id: str
    """Its digest."""

    def tag(self, *_names: str, **_options: Any) -> bool:
        """Name the image, which here has the name that it was pushed with."""
        return True


class _Images:
    """`client.images` of docker-py."""

    def __init__(self, images: Images) -> None:
        self._images = images

    def get_registry_data(self, reference: str, **_options: Any) -> Registered:
        return Registered(self._images.digest(reference))

    def get(self, reference: str) -> Registered:
        return Registered(self._images.digest(reference))

    def pull(self, reference: str, **_options: Any) -> Registered:
        # A missing image is reported by `run`, with its name.
        return Registered(reference)


class Containers:
    """A client of docker-py with `containers` and `images`."""

    def __init__(self, runtime: Path, folder: Path, targets: Targets) -> None:
        """Prepare the client.

        Args:
            runtime: The interpreter that stands for the Python of every base image.
            folder: Folder for unpacked images and scratch files.
            targets: The targets of load balancers, which drain before a container stops.
        """
        self._runtime, self._folder, self._targets = runtime, folder, targets
        self._store = Images(folder / "images")
        self._all: dict[str, Container] = {}
        self._lock = threading.Lock()
        self.images = _Images(self._store)
        self.containers = self

    def run(
        self,
        image: str,
        *,
        environment: Mapping[str, str],
        labels: Mapping[str, str],
        definition: Mapping[str, Any],
        region: str,
        command: list[str] | None = None,
        **_docker: Any,
    ) -> Container:
        """Start a process for a container of a task.

        Raises ImageError if the emulated registry does not have the image.
        """
        unpacked = self._store.get(image)
        folder = _folder(unpacked, definition.get("workingDirectory"))
        temporary = self._folder / "tasks" / uuid.uuid4().hex
        temporary.mkdir(parents=True)
        variables = {**unpacked.environment, **environment}
        process = ServiceProcess(
            self._runtime,
            [unpacked.local(each) for each in _command(unpacked, definition, command)],
            folder,
            {
                "AWS_DEFAULT_REGION": region,
                "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
                "AWS_REGION": region,
                **{name: unpacked.local(value) for name, value in variables.items()},
            },
            temporary,
        )
        made = Container(process, labels, definition.get("stopTimeout", 30), self._targets)
        with self._lock:
            self._all[made.id] = made
        return made

    def get(self, id_: str) -> Container:
        """Return a container by its ID. Raises KeyError."""
        with self._lock:
            return self._all[id_]

    def list(self, all: bool = False, filters: object = None) -> list[Container]:
        """Return the running containers, or all."""
        with self._lock:
            return [each for each in self._all.values() if all or each.status == "running"]

    def clear(self) -> None:
        """Kill all containers and forget them and the images."""
        with self._lock:
            ended, self._all = [*self._all.values()], {}
        for each in ended:
            each.remove(force=True)
        self._store.clear()


def _folder(image: Image, given: str | None) -> Path:
    return image.root / given.lstrip("/") if given else image.folder


def _command(image: Image, definition: Mapping[str, Any], command: list[str] | None) -> list[str]:
    """Return the arguments of a container.

    Docker's rule: an entry point of the definition removes the image's command.
    """
    given = definition.get("entryPoint")
    own = command or ([] if given else list(image.command))
    arguments = [*(given or image.entrypoint), *own]
    if not arguments:
        raise ValueError("neither the image nor the task definition has a command")
    return arguments
