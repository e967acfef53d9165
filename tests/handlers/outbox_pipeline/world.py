"""The tables, buckets, bus and queues of the orders system, created on the emulator by API."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

from outbox_pipeline._shared.publisher import Publisher, PublisherSettings
from outbox_pipeline.place_order.app import PlaceOrder
from outbox_pipeline.place_order.app import Settings as PlaceSettings
from outbox_pipeline.ship_order.app import Settings as ShipSettings
from outbox_pipeline.ship_order.app import ShipOrder
from outbox_pipeline.sweeper.settings import Settings as SweeperSettings
from outbox_pipeline.sweeper.sweep import Sweep

from local.emulator.process import Emulator

SOURCE = "colonnade.orders"

_numbers = itertools.count(1)


class World:
    """One orders system with unique names, so that tests are isolated."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.dynamodb = emulator.client("dynamodb")
        self.events = emulator.client("events")
        self.s3 = emulator.client("s3")
        self.sqs = emulator.client("sqs")
        prefix = f"w{next(_numbers)}"
        self.orders, self.outbox = f"{prefix}-orders", f"{prefix}-outbox"
        self.shipments, self.inbox = f"{prefix}-shipments", f"{prefix}-inbox"
        self.claims, self.failures = f"{prefix}-claims", f"{prefix}-failures"
        self.bus = f"{prefix}-bus"
        self._create_tables()
        for bucket in (self.claims, self.failures):
            self.s3.create_bucket(Bucket=bucket)
        self.events.create_event_bus(Name=self.bus)
        self.dead_letters, _ = self._create_queue(f"{prefix}-dead-letters")
        self.rule_dead_letters, rule_dead_arn = self._create_queue(f"{prefix}-rule-dead-letters")
        self.queue, arn = self._create_queue(f"{prefix}-queue", self.dead_letters)
        self._create_rule(prefix, arn, rule_dead_arn)

    def _create_tables(self) -> None:
        self._create_table(self.orders, "orderId:S")
        self._create_table(self.shipments, "orderId:S", stream=True)
        self._create_table(self.inbox, "id:S")
        self._create_table(
            self.outbox,
            "aggregateId:S",
            "sequence:N",
            stream=True,
            index={
                "IndexName": "pending",
                "KeySchema": _keys("pending:S", "createdAt:S"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        )
        for table in (self.outbox, self.inbox):
            self.dynamodb.update_time_to_live(
                TableName=table,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"},
            )

    def _create_table(
        self, name: str, *keys: str, stream: bool = False, index: dict[str, Any] | None = None
    ) -> None:
        attributes = [*keys, *(("pending:S", "createdAt:S") if index else ())]
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": each[:-2], "AttributeType": each[-1]} for each in attributes
            ],
            KeySchema=_keys(*keys),
            **({"GlobalSecondaryIndexes": [index]} if index else {}),
            **(
                {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}
                if stream
                else {}
            ),
        )

    def _create_queue(self, name: str, dead_letters: str | None = None) -> tuple[str, str]:
        attributes = {"VisibilityTimeout": "30"}
        if dead_letters:
            target = self._queue_arn(dead_letters)
            redrive = {"deadLetterTargetArn": target, "maxReceiveCount": "50"}
            attributes["RedrivePolicy"] = json.dumps(redrive)
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, self._queue_arn(url)

    def _queue_arn(self, url: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    def _create_rule(self, prefix: str, queue: str, dead_letters: str) -> None:
        rule = self.events.put_rule(
            Name=f"{prefix}-rule",
            EventBusName=self.bus,
            EventPattern=json.dumps({"source": [SOURCE], "detail-type": ["OrderCreated"]}),
        )
        for url in (self.queue, self.rule_dead_letters):
            policy = {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": self._queue_arn(url),
                        "Condition": {"ArnEquals": {"aws:SourceArn": rule["RuleArn"]}},
                    }
                ],
            }
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        target = {"Id": "queue", "Arn": queue, "DeadLetterConfig": {"Arn": dead_letters}}
        self.events.put_targets(Rule=f"{prefix}-rule", EventBusName=self.bus, Targets=[target])

    # The functions, with optional clients of the test.

    def place_order(self, clients: Any = None) -> PlaceOrder:
        settings = PlaceSettings(self.orders, self.outbox, SOURCE)
        return PlaceOrder(settings, clients or self)

    def publisher(self, clients: Any = None, **options: Any) -> Publisher:
        settings = PublisherSettings(self.outbox, self.bus, self.claims, self.failures, 7)
        return Publisher(settings, clients or self, **options)

    def sweep(self, clients: Any = None, resend_after_seconds: int = 60, **options: Any) -> Sweep:
        names = (self.outbox, self.bus, self.claims, self.failures)
        settings = SweeperSettings(*names, 7, resend_after_seconds)
        return Sweep(settings, clients or self, **options)

    def ship_order(self, clients: Any = None) -> ShipOrder:
        settings = ShipSettings(self.shipments, self.inbox, "each", self.claims)
        return ShipOrder(settings, clients or self)

    # Contents

    def items(self, table: str) -> list[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def put_rows(self, *rows: dict[str, Any]) -> None:
        for row in rows:
            self.dynamodb.put_item(TableName=self.outbox, Item=row)

    def outbox_row(self, aggregate: str, sequence: int = 1) -> dict[str, Any] | None:
        key = {"aggregateId": {"S": aggregate}, "sequence": {"N": str(sequence)}}
        answer = self.dynamodb.get_item(TableName=self.outbox, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def objects(self, bucket: str) -> dict[str, Any]:
        listed = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            each["Key"]: json.loads(
                self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            )
            for each in listed
        }

    def messages(self, queue: str | None = None) -> list[dict[str, Any]]:
        """Receive and delete all messages of a queue."""
        taken: list[dict[str, Any]] = []
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=queue or self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=0
            )
            if not answer.get("Messages"):
                return taken
            for each in answer["Messages"]:
                self.sqs.delete_message(
                    QueueUrl=queue or self.queue, ReceiptHandle=each["ReceiptHandle"]
                )
                taken.append(each)

    def delivered(self) -> list[dict[str, Any]]:
        """Return the events in the consumer's queue in order."""
        return [json.loads(each["Body"]) for each in self.messages()]

    def stream(self, table: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the new records of the table's stream at each call of next()."""
        streams = self.emulator.client("dynamodbstreams")
        arn = self.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records: list[dict[str, Any]] = []
        while True:
            answer = streams.get_records(ShardIterator=iterator)
            iterator = answer["NextShardIterator"]
            records += answer["Records"]
            if not answer["Records"]:  # a page has at most 1 MB
                yield records
                records = []


def _keys(*keys: str) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [
        {"AttributeName": key[:-2], "KeyType": kind} for key, kind in zip(keys, kinds, strict=False)
    ]
