"""A small client of a PostgreSQL database: IAM login, TLS, and new connections after a failure.

    from postgres import Database

    database = Database()  # once, at import: it reads DATABASE_HOST, _PORT, _NAME and _USER

    def balance(account: str) -> int:
        rows = database.run("SELECT sum(amount) AS n FROM bookings WHERE account = :a", a=account)
        return rows[0]["n"] or 0

    def book(key: str, account: str, amount: int) -> bool:
        def work(run: Run) -> bool:
            made = run(
                "INSERT INTO bookings (key, account, amount) VALUES (:key, :account, :amount)"
                " ON CONFLICT (key) DO NOTHING RETURNING key",
                key=key, account=account, amount=amount,
            )
            return bool(made)

        # The key makes it safe to run the work again if the answer to COMMIT is lost.
        return database.transaction(work, idempotent=True)

`Database.grant_login()` of the component gives the variables and the permission. Threads share a
client; each uses a connection of its own.
"""

from pg8000.exceptions import DatabaseError

from .database import Database, DatabaseUnavailable, LoginRefused, OutcomeUnknown, Run
from .settings import Settings

__all__ = [
    "Database",
    "DatabaseError",
    "DatabaseUnavailable",
    "LoginRefused",
    "OutcomeUnknown",
    "Run",
    "Settings",
]
