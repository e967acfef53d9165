"""Follows the log of the functions."""

import json
from collections.abc import Iterator
from pathlib import Path


class FunctionLogs:
    """Reads the new lines of the emulator's function log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self._rest = b""

    def new(self) -> Iterator[str]:
        """Yields the lines since the last call, with the function's name and the UTC time."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                read = file.read()
        except FileNotFoundError:
            return
        self._position += len(read)
        *whole, self._rest = (self._rest + read).split(b"\n")
        for line in whole:
            entry = json.loads(line)
            yield f"{entry['time'][11:19]} {entry['function']}  {entry['line'].rstrip()}"
