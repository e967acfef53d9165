"""Runs the files of a schema, each once and in a transaction."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

from postgres import DatabaseError

from .session import SCHEMA, Session

_TABLE = f"{SCHEMA}.migrations"
log = logging.getLogger(__name__)


class MigrationFailed(Exception):
    """A file cannot be run; the text begins with its name."""


def run_migrations(session: Session, folder: Path, digests: Mapping[str, str]) -> list[str]:
    """Run the files that the database does not have yet and return their names.

    Args:
        session: The master user's.
        folder: Where the files are.
        digests: The SHA-256 of each file that is expected, by its name.

    Raises:
        MigrationFailed: a file fails, or the files do not fit to what was run before.
    """
    session.run(
        f"CREATE TABLE IF NOT EXISTS {_TABLE} (name text PRIMARY KEY, sha256 text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())"
    )
    found = session.run(f"SELECT name, sha256 FROM {_TABLE} ORDER BY name")
    before = {row["name"]: row["sha256"] for row in found}
    texts = {name: (folder / name).read_text("utf-8") for name in sorted(digests)}
    _check(before, texts, digests)
    applied = [name for name in texts if name not in before]
    for name in applied:
        _run(session, name, texts[name], digests[name])
        log.info("ran a migration", extra={"migration": name})
    return applied


def _check(before: Mapping[str, str], texts: Mapping[str, str], digests: Mapping[str, str]) -> None:
    last = max(before, default="")
    for name, text in texts.items():
        if hashlib.sha256(text.encode()).hexdigest() != digests[name]:
            raise MigrationFailed(f"{name}: the function has another file than the deployment")
        if before.get(name, digests[name]) != digests[name]:
            raise MigrationFailed(
                f"{name}: it was run with other content; restore it, and add a new file"
            )
        if name not in before and name < last:
            raise MigrationFailed(f"{name}: {last} was run already; give it a higher number")


def _run(session: Session, name: str, text: str, digest: str) -> None:
    try:
        with session.transaction():
            (started,) = session.run("SELECT pg_current_xact_id()::text AS id")
            session.run(text)
            (ended,) = session.run("SELECT pg_current_xact_id()::text AS id")
            if started != ended:
                raise MigrationFailed(
                    f"{name}: it has COMMIT, ROLLBACK or BEGIN, so that part of it has happened"
                )
            session.run(
                f"INSERT INTO {_TABLE} (name, sha256) VALUES (:name, :digest)",
                name=name,
                digest=digest,
            )
    except DatabaseError as error:
        raise MigrationFailed(f"{name}: {_described(error)}") from None


def _described(error: DatabaseError) -> str:
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    place = f", at character {fields['P']}" if "P" in fields else ""
    return f"{fields.get('M', error)} (SQLSTATE {fields.get('C', 'unknown')}{place})"
