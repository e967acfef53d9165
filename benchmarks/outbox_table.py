"""An outbox table on the emulator, filled by the code of place_order, and its stream records."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from outbox_pipeline.place_order.app import PlaceOrder, Settings

from benchmarks.sample_orders import request
from local.emulator.process import Emulator

Record = dict[str, Any]

EVENTS_OF_AN_ORDER = 2
INDEX = {
    "IndexName": "pending",
    "KeySchema": [
        {"AttributeName": "pending", "KeyType": "HASH"},
        {"AttributeName": "createdAt", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}


class OutboxTable:
    """The table `outbox`, as the component creates it."""

    def __init__(self, emulator: Emulator, records: int) -> None:
        """Create the table, and place orders until there are `records` events."""
        self._client = emulator.client("dynamodb")
        self._streams = emulator.client("dynamodbstreams")
        self._create("orders", {"orderId": "S"})
        stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        answer = self._create(
            "outbox",
            {"aggregateId": "S", "sequence": "N"},
            ("pending", "createdAt"),
            GlobalSecondaryIndexes=[INDEX],
            StreamSpecification=stream,
        )
        self._place(-(-records // EVENTS_OF_AN_ORDER))
        self.records = self._read_stream(answer["TableDescription"]["LatestStreamArn"])[:records]
        """The INSERT records of the stream."""

    def unmark(self) -> None:
        """Restore the rows to their state before sending."""
        puts = [{"PutRequest": {"Item": record["dynamodb"]["NewImage"]}} for record in self.records]
        for batch in parts(puts, 25):
            self._client.batch_write_item(RequestItems={"outbox": batch})

    def unsent(self) -> int:
        """Return the number of rows in the index of unsent rows."""
        pages = self._client.get_paginator("scan").paginate(
            TableName="outbox", IndexName="pending", Select="COUNT"
        )
        return sum(page["Count"] for page in pages)

    def _create(
        self, name: str, keys: dict[str, str], indexed: Sequence[str] = (), **more: Any
    ) -> Any:
        kinds = keys | dict.fromkeys(indexed, "S")
        return self._client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()
            ],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            **more,
        )

    def _place(self, orders: int) -> None:
        place = PlaceOrder(
            Settings("orders", "outbox", "colonnade.orders"), SimpleNamespace(dynamodb=self._client)
        )
        for number in range(orders):
            answer = place(request(f"order-{number}"))
            assert answer["statusCode"] == 201, answer

    def _read_stream(self, arn: str) -> list[Record]:
        return [record for shard in self._shards(arn) for record in self._read_shard(arn, shard)]

    def _shards(self, arn: str) -> list[str]:
        description = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]
        return [shard["ShardId"] for shard in description["Shards"]]

    def _read_shard(self, arn: str, shard: str) -> Iterator[Record]:
        iterator = self._streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            answer = self._streams.get_records(ShardIterator=iterator)
            if not answer["Records"]:
                return
            yield from answer["Records"]
            iterator = answer.get("NextShardIterator")


def parts(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Return slices of at most `size` values."""
    return (values[start : start + size] for start in range(0, len(values), size))
