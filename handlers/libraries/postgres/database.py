"""Database: statements and transactions over a pool of connections."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import environment
import iam_token
from pg8000.native import Connection, DatabaseError

from .connections import ConnectionLost, close, connect, is_broken, rows
from .settings import Settings

T = TypeVar("T")

_REPEATABLE = ("40001", "40P01")
"""Serialization failure and deadlock: the server has rolled back, and asks to try again."""
_UNAVAILABLE = ("53300", "57P01", "57P02", "57P03", "08006", "08001")
"""Too many connections, shutting down, crashed, starting."""
_REFUSED = ("28000", "28P01")


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or does not answer in time. Nothing has changed."""


class LoginRefused(DatabaseUnavailable):
    """The database refuses the login: a permission is missing, or the user."""


class OutcomeUnknown(DatabaseUnavailable):
    """The connection was lost before the answer: the change may have happened."""


class Run(Protocol):
    """Runs a statement, with `:name` for each parameter, and returns its rows by column."""

    def __call__(self, sql: str, /, **parameters: Any) -> list[dict[str, Any]]: ...


class Database:
    """A database.

    Args:
        settings: The database and its user. Default: from the environment.
        timeout: Seconds to wait for a connection and for the answer to each statement. Default: 2.
        patience: Seconds for which a failed transaction is tried again, in all. Default: 4.
        password: Returns the password of a new connection. Default: an IAM token.

    Raises:
        environment.BadEnvironment: a variable is missing.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        timeout: float = 2.0,
        patience: float = 4.0,
        password: Callable[[Settings], str] | None = None,
    ) -> None:
        self._settings = settings or environment.read(Settings)
        self._timeout, self._patience = timeout, patience
        self._password = password or _token
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    def run(self, sql: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement, which is a transaction by itself.

        Raises:
            DatabaseUnavailable: no connection could be made in time.
            OutcomeUnknown: the connection was lost before the answer.
            DatabaseError: the database refuses the statement.
        """

        def attempt(connection: Connection) -> list[dict[str, Any]]:
            try:
                return rows(connection, sql, parameters)
            except ConnectionLost as error:
                raise OutcomeUnknown(str(error)) from error

        return self._persist(attempt, repeats_unknown=False)

    def transaction(self, work: Callable[[Run], T], *, idempotent: bool = False) -> T:
        """Run statements that happen together or not at all.

        Args:
            work: Takes a function that runs a statement. It may be called again: after a conflict
                with another transaction, and after a connection was lost before COMMIT.
            idempotent: Whether `work` may also be called again when the answer to COMMIT is lost,
                because it finds out that it has happened: by a key that is unique.

        Returns:
            What `work` returns.

        Raises:
            DatabaseUnavailable: the database could not be reached in time.
            OutcomeUnknown: the answer to COMMIT was lost, and `idempotent` is false.
            DatabaseError: the database refuses a statement.
        """

        def attempt(connection: Connection) -> T:
            def run(sql: str, /, **parameters: Any) -> list[dict[str, Any]]:
                return rows(connection, sql, parameters)

            run("BEGIN")
            try:
                result = work(run)
            except ConnectionLost:
                raise
            except BaseException:
                run("ROLLBACK")
                raise
            try:
                run("COMMIT")
            except ConnectionLost as error:
                raise OutcomeUnknown(str(error)) from error
            return result

        return self._persist(attempt, repeats_unknown=idempotent)

    def close(self) -> None:
        """Close all idle connections. The next statement opens a new one."""
        with self._lock:
            ended, self._idle = self._idle, []
        for each in ended:
            close(each)

    def _persist(self, attempt: Callable[[Connection], T], repeats_unknown: bool) -> T:
        ends, pause = time.monotonic() + self._patience, 0.05
        while True:
            try:
                with self._connection() as connection:
                    return attempt(connection)
            except DatabaseError as error:
                if _code(error) in _REFUSED:
                    raise LoginRefused(_message(error)) from error
                if _code(error) not in (*_REPEATABLE, *_UNAVAILABLE):
                    raise
                problem: Exception = error
            except OutcomeUnknown as error:
                if not repeats_unknown:
                    raise
                problem = error
            except ConnectionLost as error:
                problem = error
            if time.monotonic() + pause > ends:
                if isinstance(problem, OutcomeUnknown):
                    raise problem
                raise DatabaseUnavailable(str(problem)) from problem
            # Callers that failed together shall not come back together.
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 0.5)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Yield a connection, which goes back to the pool unless it failed."""
        connection = self._take()
        try:
            yield connection
        except BaseException as error:
            lost = (ConnectionLost, OutcomeUnknown)
            if isinstance(error, lost) or not isinstance(error, Exception) or _ends(error):
                close(connection)
            else:
                self._give(connection)
            raise
        self._give(connection)

    def _take(self) -> Connection:
        while True:
            with self._lock:
                found = self._idle.pop() if self._idle else None
            if found is None:
                return connect(self._settings, self._password(self._settings), self._timeout)
            if not is_broken(found):
                return found
            close(found)

    def _give(self, connection: Connection) -> None:
        with self._lock:
            self._idle.append(connection)


def _token(settings: Settings) -> str:
    return iam_token.database_token(
        settings.database_host, settings.database_port, settings.database_user
    )


def _ends(error: Exception) -> bool:
    """Return whether the server closes the connection after an error."""
    return isinstance(error, DatabaseError) and _code(error) in _UNAVAILABLE


def _code(error: DatabaseError) -> str:
    return str(_fields(error).get("C", ""))


def _message(error: DatabaseError) -> str:
    return str(_fields(error).get("M", error))


def _fields(error: DatabaseError) -> dict[str, str]:
    found = error.args[0] if error.args else {}
    return found if isinstance(found, dict) else {}
