"""The server's side of a process that runs a function."""

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, cast

from ministack.core.lambda_runtime import Worker

from ..services.stores.authority import AUTHORITY
from .function_logs import FunctionLogs

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
MARK = "\x1e"
"""The line with which the bootstrap ends the output of an invocation."""


class FunctionProcess(Worker):  # type: ignore[misc]  # ministack has no types
    """A process that ministack starts (code, layers, environment) and this class invokes.

    The process survives an exception of the handler, as on Lambda. After a timeout, a failed import
    or a crash, the next invocation starts a new process.
    """

    _proc: "subprocess.Popen[str] | None"
    _stderr_queue: "queue.Queue[str | None]"

    def __init__(
        self, name: str, config: Mapping[str, Any], code: bytes, logs: FunctionLogs
    ) -> None:
        super().__init__(name, _with_runtime_variables(config), code)
        self._logs = logs
        self.retired = False

    def run(self, event: object, call: Mapping[str, object], timeout: float) -> dict[str, Any]:
        """Send an event and return the function's answer with its log lines."""
        process = self._running()
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            process.kill()

        timer = threading.Timer(timeout, stop)
        timer.start()
        try:
            answer = _ask(process, {"event": event, "ctx": {**call, "timeout_ms": timeout * 1000}})
        finally:
            timer.cancel()
        if answer is None:
            answer = _exited(timed_out.is_set(), timeout)
        if answer.get("final"):
            self.end()
        answer["log"] = self._printed()
        return answer

    def end(self) -> None:
        """Kill the process: functions do not handle signals."""
        process, self._proc = self._proc, None
        if process:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    with contextlib.suppress(OSError):
                        stream.close()

    def discard(self) -> None:
        """Stop the process and remove its files."""
        self.end()
        self._discard_tmpdir()

    def _running(self) -> "subprocess.Popen[str]":
        """Return the process; start one if there is none."""
        if self._proc is None or self._proc.poll() is not None:
            self.end()
            self._spawn()
        assert self._proc
        return self._proc

    def _read_stderr(self) -> None:
        """Forward each printed line, and store it for the log of the invocation."""
        lines = self._stderr_queue
        assert self._proc and self._proc.stderr
        stream = self._proc.stderr
        # Output may not be text. It must be read, because a full pipe would block the function.
        cast(TextIOWrapper, stream).reconfigure(errors="replace")
        with contextlib.suppress(ValueError):
            for printed in stream:
                line = printed.rstrip("\n")
                text = line.removesuffix(MARK)
                if text or line != MARK:
                    self._logs.write(self.func_name, text)
                    lines.put(text)
                if text != line:
                    lines.put(None)
        stream.close()
        lines.put(None)

    def _printed(self) -> str:
        """Return the output of the invocation, up to MARK."""
        lines = []
        with contextlib.suppress(queue.Empty):
            while (line := self._stderr_queue.get(timeout=0.25)) is not None:
                lines.append(line)
        return "\n".join(lines)


def _ask(process: "subprocess.Popen[str]", message: Mapping[str, object]) -> dict[str, Any] | None:
    """Return the function's answer, or None if its process ended."""
    assert process.stdin and process.stdout
    try:
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except OSError:
        return None
    answer: dict[str, Any] | None = json.loads(line) if line else None
    return answer


def _exited(timed_out: bool, timeout: float) -> dict[str, Any]:
    if timed_out:
        reason, kind = f"Task timed out after {timeout:.2f} seconds", "Sandbox.Timedout"
    else:
        reason, kind = "Runtime exited without providing a reason", "Runtime.ExitError"
    return {
        "status": "error",
        "payload": {"errorMessage": reason, "errorType": kind},
        "final": True,
    }


def _with_runtime_variables(config: Mapping[str, Any]) -> dict[str, Any]:
    """Add variables that Lambda sets for every function and ministack does not."""
    name = config.get("FunctionName", "")
    logging = config.get("LoggingConfig") or {}
    variables = {
        **AUTHORITY.variables,
        **(config.get("Environment") or {}).get("Variables", {}),
        "_HANDLER": config.get("Handler", ""),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat", "Text"),
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
    }
    if level := logging.get("ApplicationLogLevel"):
        variables["AWS_LAMBDA_LOG_LEVEL"] = level
    return {**config, "Environment": {"Variables": variables}}
