"""The index of unsent rows of an outbox table, for writers and the sweeper."""

import zlib

__all__ = ["INDEX", "SHARDS", "shard_of"]

INDEX = "pending"
"""Name of the index, and of its partition key. Its sort key is `createdAt`."""

SHARDS = 10
"""Number of partition key values, which distribute the writes. Never lower it: the sweeper would
not find the rows of removed shards."""


def shard_of(aggregate_id: str) -> str:
    """Return the partition key of an aggregate's rows."""
    return str(zlib.crc32(aggregate_id.encode()) % SHARDS)
