"""Finds the unsent rows in the `pending` index and reads them from the table."""

import heapq
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pending_index import INDEX, SHARDS

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""An item in DynamoDB's own JSON."""

_PAGE = 100


def oldest_first(table: str, client: "DynamoDBClient") -> Iterator[Item]:
    """Walk the index entries of all shards by age, reading pages only as far as they are wanted."""
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

    The index lags behind the table, so rows that were marked meanwhile are left out. Rows that
    DynamoDB did not get to (`UnprocessedKeys`) are asked for again while it gets on with them.
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
        # No progress at all is a throttle; the SDK has waited already.
        requests = answer["UnprocessedKeys"] if got else None
    waiting = [row for row in rows if INDEX in row]
    return sorted(waiting, key=lambda row: (row["createdAt"]["S"], float(row["sequence"]["N"])))
