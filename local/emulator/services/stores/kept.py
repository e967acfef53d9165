"""A server's process, which is started again when it ends and ends with this one."""

import json
import logging
import os
import pwd
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..processes import KEEPER

log = logging.getLogger(__name__)
PAUSE = 0.2
"""Seconds before a server that has ended starts again."""


def unprivileged() -> tuple[int, int] | None:
    """Return the user and the group of servers that refuse root; None without root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


class KeptServer:
    """A process under the keeper, watched until it is stopped."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        folder: Path,
        *,
        user: tuple[int, int] | None,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the process.

        Args:
            name: The name in the log.
            command: The command and its arguments.
            folder: The working directory.
            user: User and group of the process. None: those of this one.
            before: Called before each start.
        """
        self._name, self._folder, self._before = name, folder, before
        self._settings = {
            "command": [str(each) for each in command],
            "folder": str(folder),
            "environment": {"LANG": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"},
            "user": user,
        }
        self._stopped = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._watch, name=f"kept-{name}", daemon=True).start()

    def stop(self) -> None:
        """Kill the process and its children, and wait for their end."""
        self._stopped.set()
        process = self._process
        assert process.stdin
        process.stdin.close()
        process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._before()
        with (self._folder / "server.log").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        assert process.stdin
        process.stdin.write(json.dumps(self._settings).encode() + b"\n")
        process.stdin.flush()
        return process

    def _watch(self) -> None:
        while True:
            status = self._process.wait()
            if self._stopped.is_set():
                return
            log.error("%s ended with status %s and is started again", self._name, status)
            time.sleep(PAUSE)
            if self._stopped.is_set():
                return
            self._process = self._start()
            if self._stopped.is_set():  # stop() may have seen only the process before
                self.stop()
                return
