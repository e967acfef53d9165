"""One connection of the master user."""

import contextlib
from collections.abc import Iterator
from typing import Any

from pg8000.native import Connection, identifier, literal
from postgres.connections import close, rows

__all__ = ["Session", "identifier", "literal"]

_LOCK = 4_283_716_105
"""Any number that is the same for all runs: they wait for each other."""
SCHEMA = "colonnade"
"""Schema of the tables of this function, which logins do not see."""


class Session:
    """Runs statements, for much longer than a service would wait."""

    def __init__(self, connection: Connection, seconds: int) -> None:
        """Set the time that a statement may take."""
        self._connection = connection
        connection._usock.settimeout(seconds + 10)
        self.run(f"SET statement_timeout = '{seconds}s'")

    def run(self, sql: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement, or several if there are no parameters."""
        return rows(self._connection, sql, parameters)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end of the block, or roll back after an exception."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def lock(self) -> None:
        """Wait until no other run works on the database, and keep others away until the end."""
        self.run(f"SELECT pg_advisory_lock({_LOCK})")
        self.run(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")

    def close(self) -> None:
        """Close the connection, which ends the lock."""
        close(self._connection)
