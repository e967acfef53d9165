"""Starts, uses and stops the embedded AWS from another process."""

import http.client
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .clients import Clients
from .folder import Folder
from .settings import REFUSED, SECRET, harmless_environment, path_secret

PROJECT = Path(__file__).resolve().parents[2]
RUNTIME = PROJECT / ".venv/lambda-runtime/bin/python"


class EmulatorError(Exception):
    """The emulator cannot start or does not answer. The message may end with its output."""


class Emulator:
    """AWS on a local port with IAM enforced, in a process that ends with this one.

    Args:
        port: TCP port on 127.0.0.1. Default: 0, which takes a free one.
        runtime: Interpreter of the Python functions. Default: `.venv/lambda-runtime/bin/python`,
            which has only the packages of the Lambda runtime.
        folder: Folder for logs and scratch files. Default: a temporary one that stop() removes.
        unpatched: Names of patches to leave out, for tests of patches.

    Raises:
        EmulatorError: From start(), if the port is in use or the server does not become ready.
    """

    def __init__(
        self,
        port: int = 0,
        runtime: str | Path | None = None,
        folder: str | Path | None = None,
        unpatched: Collection[str] = (),
    ) -> None:
        self.port = port
        self.secret = secrets.token_urlsafe(32)
        """The administrator's secret access key, and the source of other secrets."""
        self._wanted_port = port
        self._runtime = Path(runtime) if runtime else RUNTIME
        self._given_folder = Path(folder) if folder else None
        self._unpatched = unpatched
        self._folder: Folder | None = None
        self._server: subprocess.Popen[str] | None = None
        self._clients: Clients | None = None

    def start(self, timeout: float = 30.0) -> Self:
        """Start the server and wait until it answers, at most `timeout` seconds."""
        if self._server:
            return self
        if not self._runtime.exists():
            raise EmulatorError(f"no interpreter for Lambda functions at {self._runtime}")
        temporary = self._given_folder is None
        self._folder = Folder(self._given_folder or Path(tempfile.mkdtemp(prefix="colonnade-")))
        self._folder.prepare()
        with self._folder.server_log.open("w") as log:
            self._server = subprocess.Popen(
                self._command(self._folder.path, temporary),
                cwd=PROJECT,
                env={**harmless_environment(), SECRET: self.secret},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                # Ctrl-C in a terminal must reach only the parent, which stops this process.
                start_new_session=True,
            )
        try:
            self.port = self._await_ready(self._server, timeout)
        except BaseException:
            self.stop()
            raise
        self._clients = Clients(self.endpoint, self.secret)
        return self

    def stop(self) -> None:
        """Stop the server and its function processes. Has no effect if it is stopped."""
        server, self._server = self._server, None
        if server:
            _end(server)
        if self._clients:
            self._clients.close()
            self._clients = None
        if self._folder and self._given_folder is None:
            shutil.rmtree(self._folder.path, ignore_errors=True)
        self.port = self._wanted_port

    def reset(self) -> None:
        """Remove all resources of all accounts. The server keeps running."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", self._administration("/_ministack/reset"))
            answer = connection.getresponse()
            if answer.status != 200:
                raise EmulatorError(f"reset failed with status {answer.status}")
        except OSError as error:
            raise EmulatorError(f"the emulator does not answer on port {self.port}") from error
        finally:
            connection.close()

    @property
    def endpoint(self) -> str:
        """The endpoint for AWS clients, such as `http://127.0.0.1:4566`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def mails(self) -> str:
        """The address of the sent mails, with a secret of its own; for browsers too."""
        return self.endpoint + self._administration("/_ministack/ses/messages")

    @property
    def function_logs(self) -> Path:
        """The function log: JSON lines with `time`, `function` and `line`."""
        return self._running_folder().function_logs

    @property
    def server_log(self) -> Path:
        """The log of the server itself."""
        return self._running_folder().server_log

    def client(self, service: str, region: str = "us-east-1", **credentials: str) -> Any:
        """Return a boto3 client of this emulator, cached per combination of arguments.

        Args:
            service: Name of the service in boto3.
            region: Region of the calls.
            credentials: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`.
                Default: the administrator's.
        """
        if not self._clients:
            raise EmulatorError("the emulator is not running")
        return self._clients.get(service, region, credentials)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _administration(self, path: str) -> str:
        return f"{path}?secret={path_secret(self.secret, path)}"

    def _running_folder(self) -> Folder:
        if not self._folder:
            raise EmulatorError("the emulator is not running")
        return self._folder

    def _command(self, folder: Path, temporary: bool) -> list[str]:
        command = [sys.executable, "-m", "local.emulator"]
        command += ["--port", str(self._wanted_port), "--folder", str(folder.resolve())]
        # Not resolved: the interpreter finds its virtual environment by the link.
        command += ["--runtime", str(self._runtime.absolute())]
        if temporary:
            command.append("--temporary")
        for patch in self._unpatched:
            command += ["--unpatched", patch]
        return command

    def _await_ready(self, server: "subprocess.Popen[str]", timeout: float) -> int:
        line = _first_line(server, timeout).split()
        if line[:1] == ["ready"]:
            return int(line[1])
        log = self._running_folder().server_log.read_text("utf-8").strip().splitlines()
        if server.poll() == REFUSED and log:
            raise EmulatorError(log[-1].removeprefix("error: "))
        raise EmulatorError(
            "\n".join(["the emulator did not become ready; its last output:", *log[-15:]])
        )


def _first_line(server: "subprocess.Popen[str]", timeout: float) -> str:
    """Return the first line that the server prints, or "" if it ends or times out."""
    lines: list[str] = []
    stream = server.stdout
    assert stream
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(timeout)
    if reader.is_alive():
        server.kill()
        reader.join()
    elif not lines[0]:
        server.wait()
    return lines[0]


def _end(server: "subprocess.Popen[str]") -> None:
    assert server.stdin and server.stdout
    server.stdin.close()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    server.stdout.close()
