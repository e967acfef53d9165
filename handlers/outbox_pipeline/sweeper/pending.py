"""Finds the unsent rows in the `pending` index and reads them from the table."""

import heapq
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pending_index import INDEX, SHARDS

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""An item in DynamoDB JSON."""

_PAGE = 100


def oldest_first(table: str, client: "DynamoDBClient") -> Iterator[Item]:
    """Yield the index entries of all shards by age. Pages are read only as needed."""
    shards = [_shard(str(shard), table, client) for shard in range(SHARDS)]
    return heapq.merge(*shards, key=lambda entry: str(entry["createdAt"]["S"]))


def _shard(shard: str, table: str, client: "DynamoDBClient") -> Iterator[Item]:
    start: dict[str, Any] = {}
    while True:
        page = client.query(
            TableName=table,
            IndexName=INDEX,
            KeyConditionExpression=f"{INDEX} = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
            Limit=_PAGE,
            **start,
        )
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def still_pending(
    table: str, entries: Sequence[Item], client: "DynamoDBClient"
) -> tuple[list[Item], list[Item]]:
    """Read the rows of at most 100 index entries.

    Returns:
        The rows, oldest first, and the keys of rows that could not be read.

    The index is eventually consistent, so rows that were marked meanwhile are left out. Keys that
    DynamoDB did not process (`UnprocessedKeys`) are requested again as long as it returns rows.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    # A row that moves in the index can be in two pages, and DynamoDB refuses a key twice.
    unique = {(each["aggregateId"]["S"], each["sequence"]["N"]): each for each in entries}
    keys: Any = [
        {name: entry[name] for name in ("aggregateId", "sequence")} for entry in unique.values()
    ]
    rows: list[Item] = []
    while keys:
        wanted: Any = {table: {"Keys": keys, "ConsistentRead": True}}
        answer = client.batch_get_item(RequestItems=wanted)
        got = answer["Responses"].get(table, [])
        rows += got
        unprocessed: Any = answer["UnprocessedKeys"]
        keys = unprocessed[table]["Keys"] if unprocessed else []
        if not got:
            break  # DynamoDB throttles, after the retries of the SDK
    waiting = [row for row in rows if INDEX in row]
    waiting.sort(key=lambda row: (row["createdAt"]["S"], float(row["sequence"]["N"])))
    return waiting, keys
