"""Writes to the database and the cache."""

from cache import Cache
from postgres import Database, DatabaseError

database, cache = Database(), Cache(timeout=5)


def handler(event, _context):
    key = event["key"]
    text = "INSERT INTO bookings (key, amount) VALUES (:key, 7) ON CONFLICT (key) DO NOTHING"
    database.transaction(lambda run: run(text, key=key), idempotent=True)
    cache.set(key, "seven", seconds=60)
    return {
        "rows": database.run("SELECT key, amount, number FROM bookings WHERE key = :key", key=key),
        "total": str(database.run("SELECT total() AS n")[0]["n"]),
        "cached": cache.get(key).decode(),
        "refused": [
            _refused("CREATE TABLE mine (n int)"),
            _refused("SELECT * FROM colonnade.logins"),
        ],
    }


def _refused(sql):
    try:
        database.run(sql)
    except DatabaseError as error:
        return error.args[0]["C"]
    return None
