"""The index of an outbox table that holds its unsent rows, as writers and the sweeper use it."""

import zlib

__all__ = ["INDEX", "SHARDS", "shard_of"]

INDEX = "pending"
"""Name of the index, and of its partition key. Its sort key is `createdAt`."""

SHARDS = 10
"""Number of partition key values, which spread the writes. Raise it, never lower it: the sweeper
would not find the rows of the shards that are gone."""


def shard_of(aggregate_id: str) -> str:
    """Return the partition key of an aggregate's rows."""
    return str(zlib.crc32(aggregate_id.encode()) % SHARDS)
