"""Creates the logins of a database and runs its migrations, as the master user."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environment
from postgres import DatabaseError, Settings
from postgres.connections import ConnectionLost, connect

from .logins import create_logins
from .migrations import run_migrations
from .session import Session

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
CONNECT_SECONDS = 20
"""Aurora that is paused answers after about 15."""
PATIENCE_SECONDS = 90
STATEMENT_SECONDS = 780

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Server:
    """The environment."""

    database_host: str
    database_port: int
    database_name: str
    ca_file: str = ""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Create logins and run migrations.

    Args:
        event: `user` and `password` of the master user; `logins`, names of roles; `migrations`, the
            digest of each file by its name.

    Returns:
        `logins`, the roles; `applied`, the names of the migrations that were run now.

    Raises:
        MigrationFailed: with the name of the file; nothing of it has happened.
    """
    return apply(event, environment.read(Server), FOLDER)


def apply(event: dict[str, Any], server: Server, folder: Path) -> dict[str, Any]:
    """Do what `handler` says, with the files of a folder."""
    settings = Settings(
        server.database_host,
        server.database_port,
        server.database_name,
        event["user"],
        server.ca_file,
    )
    session = _open(settings, event["password"])
    try:
        session.lock()
        create_logins(session, server.database_name, event["logins"])
        applied = run_migrations(session, folder, event["migrations"])
    finally:
        session.close()
    log.info("migrated", extra={"applied": len(applied), "logins": len(event["logins"])})
    return {"logins": event["logins"], "applied": applied}


def _open(settings: Settings, password: str) -> Session:
    """Connect, while the database starts up as well."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection = connect(settings, password, CONNECT_SECONDS)
            return Session(connection, STATEMENT_SECONDS)
        except (ConnectionLost, DatabaseError) as error:
            refused = isinstance(error, DatabaseError) and "57P0" not in str(error)
            if refused or time.monotonic() > ends:
                raise
        time.sleep(1)
