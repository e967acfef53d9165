"""The reports of an engine process to its parent: one JSON object per line.

{"event": "registered", "urn", "type", "name", "parent", "custom"}   a resource that is created next
{"event": "created", "urn"}                                          it was created
{"event": "failed", "urn", "message"}  {"event": "skipped", "urn"}   it was not
{"event": "not_emulated", "message"}                                 shown to the user, once each
{"event": "log", "severity", "message"}                              pulumi.log of the program
{"event": "problem", "message"}                                      the program itself failed
{"event": "done", "outputs", "secrets", "resources"}                  last line, also after failures
"""

import json
import os
import threading

from local.engine.values import Value


class Reports:
    """Writes whole lines to the file descriptor `target`, from any thread."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._noted: set[str] = set()

    def __call__(self, event: str, **details: Value) -> None:
        """Reports one event."""
        line = (json.dumps({"event": event, **details}) + "\n").encode()
        with self._lock:
            while line:
                line = line[os.write(self._target, line) :]

    def not_emulated(self, message: str) -> None:
        """Reports that something is not emulated, once per message."""
        with self._lock:
            first = message not in self._noted
            self._noted.add(message)
        if first:
            self("not_emulated", message=message)
