"""Starts an engine process and reads its reports."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.errors import DeploymentError

if TYPE_CHECKING:
    from local.engine.program import Run

PROJECT = Path(__file__).resolve().parents[2]
EMBEDDED, PULUMI = "local.engine", "local.provider.engine"
"""The modules of the embedded engine and of Pulumi's engine with our provider."""
Listener = Callable[[dict[str, Any]], None]


class Engine:
    """One engine process for one run. It imports its modules while the emulator starts."""

    def __init__(self, folder: Path, module: str = EMBEDDED) -> None:
        """Starts `module` as a process in `folder`, the folder of the program."""
        environment = {
            key: value
            for key, value in os.environ.items()
            # A program must see the stack's configuration and the emulator, not the caller's.
            if not key.startswith(("AWS_", "PULUMI_", "PYTHONDONTWRITE"))
        }
        environment["PYTHONPATH"] = str(PROJECT)
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches only the parent, which stops this process
        )

    def run(self, request: "dict[str, Any] | Run", listen: Listener) -> dict[str, Any]:
        """Runs the program and passes each report to `listen`. Returns the last report, `done`.

        Raises DeploymentError with all failures.
        """
        assert self._process.stdin and self._process.stdout
        fields = request if isinstance(request, dict) else asdict(request)
        printed = threading.Thread(target=self._printed, args=(listen,), daemon=True)
        printed.start()
        try:
            self._process.stdin.write(json.dumps(fields).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the process has ended; its output says why
        done: dict[str, Any] = {}
        problems = []
        for line in self._process.stdout:
            report = json.loads(line)
            listen(report)
            problems += _problems(report)
            if report["event"] == "done":
                done = report
        code = self._process.wait()
        printed.join(timeout=5)
        if code and not problems:
            problems = [f"the engine ended with code {code}; see its output above"]
        if problems:
            raise DeploymentError(problems)
        return done

    def stop(self) -> None:
        """Stops the process if it runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _printed(self, listen: Listener) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            message = line.decode(errors="replace").rstrip()
            listen({"event": "printed", "message": message})


def _problems(report: dict[str, Any]) -> list[str]:
    if report["event"] == "failed":
        return [f"{report['urn']}: {report['message']}"]
    return [report["message"]] if report["event"] == "problem" else []
