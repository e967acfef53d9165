"""Lambda's event source mapping of a DynamoDB stream, as documented by AWS.

It filters on INSERT, delivers batches in order, retries partial failures from the lowest sequence
number, bisects on errors (which does not count as an attempt), limits the attempts, and stores
discarded batches in a bucket.
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

import json
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..world import World
from .injector import Crash

Record = dict[str, Any]


class StreamMapping:
    """Delivers the outbox table's stream to a function. `poll` runs until the stream is empty."""

    def __init__(
        self,
        world: World,
        invoke: Callable[[dict[str, Any]], dict[str, Any]],
        random_: random.Random,
        repeat_share: float = 0.0,
    ) -> None:
        self.attempts = 0
        self.given_up = 0
        self._world = world
        self._invoke = invoke
        self._random = random_
        self._batch_size = 100
        self._retries = 10
        self._repeat_share = repeat_share
        self._stream = world.stream(world.outbox)

    def poll(self) -> None:
        records = [_as_lambda_record(each) for each in next(self._stream)]
        inserts = [each for each in records if each["eventName"] == "INSERT"]
        for start in range(0, len(inserts), self._batch_size):
            batch = inserts[start : start + self._batch_size]
            self._deliver(batch, 0)
            if self._random.random() < self._repeat_share:
                self._deliver(batch, 0)

    def skip(self) -> None:
        """Discard the stream's records without delivering them."""
        next(self._stream)

    def _deliver(self, records: list[Record], tried: int) -> None:
        if not records:
            return
        self.attempts += 1
        try:
            response = self._invoke({"Records": records})
        except (Crash, Exception):
            self._after_error(records, tried)
            return
        failed = {each["itemIdentifier"] for each in response["batchItemFailures"]}
        numbers = [each["dynamodb"]["SequenceNumber"] for each in records]
        assert failed <= set(numbers), "Lambda would treat this as a failure of the whole batch"
        if failed:
            rest = records[min(numbers.index(each) for each in failed) :]
            self._again(rest, tried)

    def _after_error(self, records: list[Record], tried: int) -> None:
        if len(records) == 1:
            self._again(records, tried)
            return
        half = len(records) // 2
        self._deliver(records[:half], tried)
        self._deliver(records[half:], tried)

    def _again(self, records: list[Record], tried: int) -> None:
        if tried < self._retries:
            self._deliver(records, tried + 1)
            return
        self.given_up += len(records)
        document = {
            "requestContext": {"condition": "RetryAttemptsExhausted"},
            "version": "1.0",
            "DDBStreamBatchInfo": {"batchSize": len(records)},
            "payload": json.dumps({"Records": records}),
        }
        number = records[0]["dynamodb"]["SequenceNumber"]
        self._world.s3.put_object(
            Bucket=self._world.failures,
            Key=f"aws/lambda/mapping/shard/{number}.json",
            Body=json.dumps(document),
        )


def _as_lambda_record(record: Record) -> Record:
    """Convert a record of GetRecords, which differs from Lambda's only in the type of the time."""
    change = dict(record["dynamodb"])
    moment = change.get("ApproximateCreationDateTime")
    if isinstance(moment, datetime):
        change["ApproximateCreationDateTime"] = moment.timestamp()
    return {**record, "dynamodb": change}
