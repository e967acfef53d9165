"""The roles that services log in as."""

from collections.abc import Sequence

from .session import SCHEMA, Session, identifier

_TABLE = f"{SCHEMA}.logins"


def create_logins(session: Session, database: str, logins: Sequence[str]) -> None:
    """Create roles that log in with IAM tokens, and lock those that are no longer listed."""
    with session.transaction():
        session.run(f"CREATE TABLE IF NOT EXISTS {_TABLE} (name text PRIMARY KEY)")
        # By default every role may connect, and create temporary tables.
        session.run(f"REVOKE ALL ON DATABASE {identifier(database)} FROM PUBLIC")
        for login in logins:
            _create(session, database, login)
        for row in session.run(f"SELECT name FROM {_TABLE}"):
            if row["name"] not in logins:
                _lock(session, row["name"])


def _create(session: Session, database: str, login: str) -> None:
    name = identifier(login)
    if not session.run("SELECT 1 FROM pg_roles WHERE rolname = :login", login=login):
        session.run(f"CREATE ROLE {name}")
    session.run(f"ALTER ROLE {name} LOGIN")
    # What lets IAM tokens in: "Creating a database account using IAM authentication".
    session.run(f"GRANT rds_iam TO {name}")
    session.run(f"GRANT CONNECT ON DATABASE {identifier(database)} TO {name}")
    session.run(f"GRANT USAGE ON SCHEMA public TO {name}")
    for kind, rights in (
        ("TABLES", "SELECT, INSERT, UPDATE, DELETE"),
        ("SEQUENCES", "USAGE, SELECT"),
    ):
        session.run(f"GRANT {rights} ON ALL {kind} IN SCHEMA public TO {name}")
        # For what later migrations create, as the same user.
        grant = f"GRANT {rights} ON {kind} TO {name}"
        session.run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public {grant}")
    session.run(f"INSERT INTO {_TABLE} VALUES (:login) ON CONFLICT DO NOTHING", login=login)


def _lock(session: Session, login: str) -> None:
    if session.run("SELECT 1 FROM pg_roles WHERE rolname = :login", login=login):
        session.run(f"ALTER ROLE {identifier(login)} NOLOGIN")
        session.run(f"REVOKE rds_iam FROM {identifier(login)}")
