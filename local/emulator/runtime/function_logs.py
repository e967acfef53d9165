"""The log file of all functions."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path


class FunctionLogs:
    """Appends one JSON line per printed line. It is thread-safe."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, function: str, line: str) -> None:
        entry = {"time": datetime.now(UTC).isoformat(), "function": function, "line": line}
        text = json.dumps(entry) + "\n"
        with self._lock:
            self._stream.write(text)
