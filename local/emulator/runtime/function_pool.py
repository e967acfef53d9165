"""The processes of every function: reused, limited in number, replaced when the code changes."""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .function_logs import FunctionLogs
from .function_process import FunctionProcess

Key = tuple[str, str]
"""The ARN of a function without version, and the version."""

LIMIT = (os.cpu_count() or 1) + 1
"""Processes per function. More would share the same cores, and each imports boto3."""


class FunctionPool:
    """Leases processes. If all are busy, the caller waits, as an event does on Lambda."""

    def __init__(self, logs: FunctionLogs) -> None:
        self._logs = logs
        self._processes: dict[Key, list[FunctionProcess]] = {}
        self._busy: set[FunctionProcess] = set()
        self._changed = threading.Condition()

    @contextmanager
    def process(
        self, key: Key, config: Mapping[str, Any], code: bytes, patience: float
    ) -> Iterator[FunctionProcess]:
        """Lease a process for one invocation.

        Args:
            patience: Seconds to wait. A function that invokes itself would wait forever.

        Raises:
            TimeoutError: All processes stayed busy for that time.
        """
        process = self._take(key, config, code, patience)
        try:
            yield process
        finally:
            self._return(process)

    def retire(self, function: str, version: str | None = None) -> None:
        """Use new processes for new invocations. Busy processes finish their work."""
        with self._changed:
            for key in [k for k in self._processes if k[0] == function]:
                if version in (None, key[1]):
                    self._retire(self._processes.pop(key))

    def clear(self) -> None:
        """Stop all processes immediately."""
        with self._changed:
            ended = [each for processes in self._processes.values() for each in processes]
            ended += [each for each in self._busy if each.retired]
            # A process that is starting is stopped when it is returned.
            for process in ended:
                process.retired = True
            self._processes.clear()
            self._busy.clear()
            self._changed.notify_all()
        for process in ended:
            process.discard()

    def _take(
        self, key: Key, config: Mapping[str, Any], code: bytes, patience: float
    ) -> FunctionProcess:
        deadline = time.monotonic() + patience
        with self._changed:
            while True:
                processes = self._processes.setdefault(key, [])
                process = next((each for each in processes if each not in self._busy), None)
                if not process and len(processes) < LIMIT:
                    process = FunctionProcess(_name(key), config, code, self._logs)
                    processes.append(process)
                if process:
                    self._busy.add(process)
                    return process
                if not self._changed.wait(deadline - time.monotonic()):
                    raise TimeoutError

    def _return(self, process: FunctionProcess) -> None:
        with self._changed:
            self._busy.discard(process)
            self._changed.notify_all()
        if process.retired:
            process.discard()

    def _retire(self, processes: list[FunctionProcess]) -> None:
        for process in processes:
            process.retired = True
            if process not in self._busy:
                process.discard()


def _name(key: Key) -> str:
    return key[0].rpartition(":")[2]
