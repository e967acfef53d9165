"""All databases and caches of an emulator, each with its front."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .authority import AUTHORITY
from .front import Check, Front
from .kept import unprivileged
from .postgres import PostgresServer
from .postgres_front import PostgresFront
from .valkey import ValkeyServer
from .valkey_front import ValkeyFront

_MAX_PATH = 70
"""Characters of a folder: the path of a Unix socket below it has about 100 at most."""


@dataclass(frozen=True)
class Store:
    """A server and its front."""

    server: PostgresServer | ValkeyServer
    front: Front

    def stop(self) -> None:
        """Close all connections, and kill the server."""
        self.front.stop()
        self.server.stop()


class Stores:
    """Starts and stops servers. Nothing runs before the first one is started."""

    def __init__(self) -> None:
        self._all: dict[str, Store] = {}
        self._wanted = Path()
        self._folder: Path | None = None
        self._number = 0
        self._lock = threading.Lock()

    def use(self, folder: Path) -> None:
        """Set the folder of all files, which the servers use if it is short and reachable."""
        self._wanted = folder
        AUTHORITY.use(folder.with_name("authority"))

    def start_database(
        self, key: str, *, master: str, name: str, check: Callable[[PostgresServer], Check]
    ) -> int:
        """Start a database and return its port.

        Args:
            key: Identifies the store.
            master: Name of the master user.
            name: Name of the first database; "" for none.
            check: Takes the server and returns what decides about logins.
        """
        server = PostgresServer(self._new_folder(), master, name)
        return self._add(key, Store(server, PostgresFront(server.socket, check(server))))

    def start_cache(self, key: str, *, check: Check, rules: Callable[[str], Sequence[str]]) -> int:
        """Start a cache and return its port.

        Args:
            key: Identifies the store.
            check: Decides about logins.
            rules: Returns the access string of a user.
        """
        server = ValkeyServer(self._new_folder())
        return self._add(key, Store(server, ValkeyFront(server.socket, check, rules)))

    def stop(self, key: str) -> None:
        """Stop a store if there is one."""
        with self._lock:
            store = self._all.pop(key, None)
        if store:
            store.stop()

    def clear(self) -> None:
        """Stop all stores and remove their files."""
        with self._lock:
            ended, self._all = list(self._all.values()), {}
            folder, self._folder = self._folder, None
        for each in ended:
            each.stop()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    def _add(self, key: str, store: Store) -> int:
        with self._lock:
            self._all[key] = store
        return store.front.port

    def _new_folder(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = _usable(self._wanted)
            self._number += 1
            return self._folder / str(self._number)


def _usable(wanted: Path) -> Path:
    """Return a folder that servers can use: `wanted`, or a new one in the system's.

    Sockets need short paths, and a server of another user must be able to pass all folders above.
    """
    if len(str(wanted)) <= _MAX_PATH:
        wanted.mkdir(parents=True, exist_ok=True)
        if not unprivileged():
            return wanted
        for each in (wanted, wanted.parent, wanted.parent.parent):  # the emulator's own folders
            if os.stat(each).st_uid == 0:
                each.chmod(each.stat().st_mode | 0o011)
        if all(each.stat().st_mode & 0o001 for each in wanted.parents):
            return wanted
    made = Path(tempfile.mkdtemp(prefix="colonnade-", dir="/tmp"))
    made.chmod(0o711)
    return made


STORES = Stores()
"""The stores of the server's process."""
