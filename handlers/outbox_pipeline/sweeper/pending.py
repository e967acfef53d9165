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


def still_pending(table: str, entries: Sequence[Item], client: "DynamoDBClient") -> list[Item]:
    """Read the rows of at most 100 index entries, oldest first.

    The index is eventually consistent, so rows that were marked meanwhile are left out. Keys that
    DynamoDB did not process (`UnprocessedKeys`) are requested again as long as it returns rows.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    keys = [
        {"aggregateId": entry["aggregateId"], "sequence": entry["sequence"]} for entry in entries
    ]
    rows: list[Item] = []
    requests: Any = {table: {"Keys": keys, "ConsistentRead": True}}
    while requests:
        answer = client.batch_get_item(RequestItems=requests)
        got = answer["Responses"].get(table, [])
        rows += got
        # A response without rows means throttling, after the retries of the SDK.
        requests = answer["UnprocessedKeys"] if got else None
    waiting = [row for row in rows if INDEX in row]
    return sorted(waiting, key=lambda row: (row["createdAt"]["S"], float(row["sequence"]["N"])))
