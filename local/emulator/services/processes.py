"""A process of a task or an instance: its port, environment, output and end."""

import itertools
import json
import os
import queue
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from .stores.authority import AUTHORITY

KEEPER = Path(__file__).with_name("keeper.py")
_numbers = itertools.count(os.getpid() * 37)
FIRST_PORT, PORTS = 26_000, 6_000
"""Below the ports that the system gives to clients, which could take one before its server."""


def reserve_port() -> socket.socket:
    """Reserve a free port on 127.0.0.1, another one at each call, until the result is closed.

    The result is the UDP socket of the same number: no other emulator gets the port in the time
    between this call and the start of the server, which binds the TCP socket.
    """
    for _ in range(PORTS):
        address = "127.0.0.1", FIRST_PORT + next(_numbers) % PORTS
        reserved = socket.socket(type=socket.SOCK_DGRAM)
        try:
            reserved.bind(address)
            with socket.socket() as probe:
                probe.bind(address)
        except OSError:
            reserved.close()
            continue
        return reserved
    raise OSError("no free port")


class ServiceProcess:
    """A process that serves at `port` of 127.0.0.1, which it reads from the variable PORT."""

    def __init__(
        self,
        runtime: Path,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        temporary: Path,
    ) -> None:
        """Start the process.

        Args:
            runtime: The interpreter for `python` in the command.
            command: The command and its arguments.
            folder: The working directory.
            environment: All variables but those that this machine decides.
            temporary: Folder for HOME and TMPDIR.
        """
        self._reserved = reserve_port()
        self.port: int = self._reserved.getsockname()[1]
        self._lines: list[str] = []
        self._readers: list[queue.Queue[str | None]] = []
        self._ended = False
        self._lock = threading.Lock()
        self._stopping = False
        variables = {
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "TZ": "UTC",
            **AUTHORITY.variables,
            **environment,
            "HOME": str(temporary),
            "HOST": "127.0.0.1",
            "PATH": f"{runtime.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PORT": str(self.port),
            "TMPDIR": str(temporary),
        }
        name = Path(command[0]).name
        python = name.rstrip("0123456789.") == "python"
        settings = {
            "command": [str(runtime) if python else command[0], *command[1:]],
            "folder": str(folder),
            "environment": variables,
        }
        self._process = subprocess.Popen(
            [str(runtime), "-I", "-S", str(KEEPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdin
        self._process.stdin.write(json.dumps(settings).encode() + b"\n")
        self._process.stdin.flush()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status, 128 + N after signal N."""
        return self._process.wait(timeout)

    def stop(self, timeout: float, before: Callable[[], None] = lambda: None) -> None:
        """Stop the process in the background: `before`, SIGTERM, `timeout` seconds, SIGKILL."""
        with self._lock:
            if self._stopping:
                return
            self._stopping = True

        def run() -> None:
            before()
            if self.running:
                self._process.terminate()
                try:
                    self._process.wait(timeout)
                except subprocess.TimeoutExpired:
                    self.kill()

        threading.Thread(target=run, daemon=True).start()

    def kill(self) -> None:
        """Kill the process and its children, and wait for their end."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def lines(self) -> Iterator[str]:
        """Yield all lines of the output until the process ends."""
        lines: queue.Queue[str | None] = queue.Queue()
        with self._lock:
            for earlier in self._lines:
                lines.put(earlier)
            if self._ended:
                lines.put(None)
            self._readers.append(lines)
        while (line := lines.get()) is not None:
            yield line

    def printed(self) -> str:
        """Return the output so far."""
        with self._lock:
            return "\n".join(self._lines)

    def _read(self) -> None:
        assert self._process.stdout
        for raw in self._process.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            with self._lock:
                self._lines.append(line)
                for each in self._readers:
                    each.put(line)
        self._process.stdout.close()
        self._process.wait()
        self._reserved.close()
        with self._lock:
            self._ended = True
            for each in self._readers:
                each.put(None)
