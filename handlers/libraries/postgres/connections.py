"""Connections: how one is opened and used, and whether an idle one still works."""

import contextlib
import select
import ssl
from functools import cache
from pathlib import Path
from typing import Any

from pg8000.native import Connection, InterfaceError

from .settings import Settings

ROOTS = Path(__file__).with_name("rds_roots.pem")
"""The root certificates of RDS, by Region. No public authority signs its certificates. Their source
is in docs/databases.md."""
_LOST = ("network error", "connection is closed")


class ConnectionLost(Exception):
    """The server cannot be reached, has closed the connection, or did not answer in time."""


def connect(settings: Settings, password: str, timeout: float) -> Connection:
    """Open a connection.

    Args:
        settings: The database and its user.
        password: Password or token.
        timeout: Seconds to wait for each answer. The server ends a statement somewhat earlier.

    Raises:
        ConnectionLost: there is no connection, or none with TLS to this server.
        DatabaseError: the server refuses the login.
    """
    try:
        return Connection(
            settings.database_user,
            host=settings.database_host,
            port=settings.database_port,
            database=settings.database_name,
            password=password,
            ssl_context=_context(settings.ca_file or str(ROOTS)),
            timeout=timeout,
            startup_params={"statement_timeout": str(round(timeout * 900))},
        )
    except (InterfaceError, OSError) as error:
        raise ConnectionLost(str(error)) from error


def rows(connection: Connection, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a statement and return its rows by column.

    Raises:
        ConnectionLost: there was no answer; what the server did is unknown.
        DatabaseError: the server refuses the statement.
    """
    try:
        found = connection.run(sql, **parameters)
    except InterfaceError as error:
        if str(error) in _LOST:
            raise ConnectionLost(str(error)) from error
        raise
    names = [column["name"] for column in connection.columns or ()]
    return [dict(zip(names, row, strict=True)) for row in found or ()]


def is_broken(connection: Connection) -> bool:
    """Return whether the server has closed an idle connection: then there is something to read."""
    try:
        return bool(select.select([connection._usock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def close(connection: Connection) -> None:
    """Close a connection, which may be broken."""
    with contextlib.suppress(InterfaceError, OSError):
        connection.close()


@cache
def _context(file: str) -> ssl.SSLContext:
    # It checks the host's name too.
    return ssl.create_default_context(cafile=file)
