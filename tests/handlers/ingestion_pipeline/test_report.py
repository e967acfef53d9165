"""The report function: one report per day, one count per object version, failures per message."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ingestion_pipeline.report.app import Report, Settings

from local.emulator.process import Emulator

RESULT = {
    "Rows": [
        {"Data": [{"VarCharValue": "device_id"}, {"VarCharValue": "readings"}]},
        {"Data": [{"VarCharValue": "d-1"}, {"VarCharValue": "7"}]},
        {"Data": [{"VarCharValue": "d-2"}, {}]},
    ],
    "ResultSetMetadata": {
        "ColumnInfo": [
            {"Name": "device_id", "Type": "varchar"},
            {"Name": "readings", "Type": "bigint"},
        ]
    },
}


class Athena:
    """Returns the same result for every query, except for days that fail."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: set[str] = set()

    def get_named_query(self, NamedQueryId: str) -> Any:
        return {"NamedQuery": {"Database": "lake", "QueryString": f"SELECT {NamedQueryId}"}}

    def start_query_execution(self, ExecutionParameters: list[str], **_given: Any) -> Any:
        self.asked += ExecutionParameters
        return {"QueryExecutionId": ExecutionParameters[0].strip("'")}

    def get_query_execution(self, QueryExecutionId: str) -> Any:
        failed = QueryExecutionId in self.fails
        status = {"State": "FAILED" if failed else "SUCCEEDED", "StateChangeReason": "why"}
        statistics = {"DataScannedInBytes": 12}
        return {"QueryExecution": {"Status": status, "Statistics": statistics}}

    def get_paginator(self, _operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [{"ResultSet": RESULT}])


class World:
    def __init__(self, emulator: Emulator, name: str) -> None:
        self.s3, self.athena, self.bucket = emulator.client("s3"), Athena(), f"reports-{name}"
        self.s3.create_bucket(Bucket=self.bucket)
        dynamodb = emulator.client("dynamodb")
        dynamodb.create_table(
            TableName=f"marks-{name}",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        settings = Settings("w", self.bucket, f"marks-{name}", json.dumps({"devices": "q-1"}))
        clients: Any = SimpleNamespace(athena=self.athena, dynamodb=dynamodb, s3=self.s3)
        self._report = Report(settings, clients)

    def __call__(self, *bodies: object) -> list[str]:
        """Handle the messages and return the IDs of the failed ones."""
        records = [
            {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
        answer = self._report({"Records": records}, lambda: True)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def read(self, key: str) -> Any:
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())


@pytest.fixture
def world(emulator: Emulator, request: pytest.FixtureRequest) -> World:
    return World(emulator, f"{abs(hash(request.node.name)):x}"[:12])


def arrived(day: str, number: int = 1, version: str = "1") -> dict[str, Any]:
    key = f"readings/day%3D{day}/part+{number}.gz"
    entry = {"key": key, "size": 1, "eTag": "e", "sequencer": version}
    return {"Records": [{"s3": {"bucket": {"name": "lake"}, "object": entry}}]}


def test_objects_of_one_day_produce_one_report(world: World):
    assert world(*(arrived("2026-11-21", number) for number in range(30))) == []
    assert world.athena.asked == ["'2026-11-21'"]
    report = world.read("reports/devices/day=2026-11-21/report.json")
    assert report["columns"] == ["device_id", "readings"]
    assert report["rows"] == [["d-1", 7], ["d-2", None]] and report["scannedBytes"] == 12
    assert world.read("reports/index.json") == {"days": ["2026-11-21"]}


def test_an_object_version_is_counted_once(world: World):
    for _ in range(3):
        assert world(arrived("2026-11-21")) == []
    assert len(world.athena.asked) == 1
    world(arrived("2026-11-21", version="2"))
    assert len(world.athena.asked) == 2


def of_eventbridge(day: str, number: int = 1) -> dict[str, Any]:
    entry = {"key": f"readings/day={day}/part {number}+.gz", "etag": "e", "sequencer": "1"}
    detail = {"bucket": {"name": "lake"}, "object": entry}
    return {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}


def of_sns(message: object) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "m", "Message": json.dumps(message)}


def test_the_same_object_twice_in_a_batch_is_counted_once(world: World):
    assert world(*[arrived("2026-11-21")] * 3, arrived("2026-11-22")) == []
    assert world.athena.asked == ["'2026-11-21'", "'2026-11-22'"]


def test_notifications_may_come_by_eventbridge_and_sns(world: World):
    messages = [
        of_eventbridge("2026-11-21"),
        of_sns(arrived("2026-11-22")),
        of_sns(of_eventbridge("2026-11-23")),
    ]
    assert world(*messages, of_sns({"Event": "s3:TestEvent"})) == []
    assert world.athena.asked == ["'2026-11-21'", "'2026-11-22'", "'2026-11-23'"]
    assert world(*messages) == [] and len(world.athena.asked) == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"source": "aws.s3", "detail-type": "Object Deleted", "detail": {}},
        {"source": "aws.s3", "detail-type": "Object Created", "detail": None},
        {"Records": None},
        {"Records": [None]},
        {"Records": [{"s3": {"bucket": {"name": "lake"}, "object": {}}}]},
        {"Type": "Notification", "Message": "hello"},
        [],
        None,
        "[" * 100_000,
    ],
)
def test_a_message_that_is_not_understood_fails_alone(world: World, body: object):
    assert world(arrived("2026-11-21"), body, arrived("2026-11-22")) == ["1"]
    assert world.athena.asked == ["'2026-11-21'", "'2026-11-22'"]


def test_only_failed_messages_are_retried_and_they_are_not_marked(world: World):
    world.athena.fails = {"2026-11-20"}
    days = [arrived("2026-11-20"), arrived("2026-11-21"), "no json", {"Event": "s3:TestEvent"}]
    assert sorted(world(*days)) == ["0", "2"]
    world.athena.fails = set()
    world.athena.asked = []
    assert world(arrived("2026-11-20"), arrived("2026-11-21")) == []
    assert world.athena.asked == ["'2026-11-20'"]


def test_the_schedule_queries_yesterday_and_today(world: World):
    assert world({"detail-type": "Scheduled Event", "time": "2026-11-01T00:15:00Z"}) == []
    assert world.athena.asked == ["'2026-10-31'", "'2026-11-01'"]
    assert world.read("reports/index.json") == {"days": ["2026-11-01", "2026-10-31"]}


def test_older_data_does_not_replace_newer(world: World):
    key = "reports/devices/day=2026-11-21/report.json"
    newer = {"Metadata": {"as-of": "2999-01-01T00:00:00+00:00"}, "Body": b'"newer"'}
    world.s3.put_object(Bucket=world.bucket, Key=key, **newer)
    assert world(arrived("2026-11-21")) == []
    assert world.read(key) == "newer"


def test_two_concurrent_runs_leave_one_report(world: World, monkeypatch: pytest.MonkeyPatch):
    """The other run writes between this run's read and its write."""
    put, puts = world.s3.put_object, []

    def put_late(**given: Any) -> Any:
        if not puts and "report.json" in given["Key"]:
            puts.append(given["Key"])
            other = {"Metadata": {"as-of": "2999-01-01T00:00:00+00:00"}, "Body": b'"other"'}
            put(Bucket=given["Bucket"], Key=given["Key"], **other)
        return put(**given)

    monkeypatch.setattr(world.s3, "put_object", put_late)
    assert world(arrived("2026-11-21")) == []
    assert puts and world.read(puts[0]) == "other"


def test_a_message_fails_when_the_bucket_denies_access(world: World, monkeypatch: Any):
    def refuse(**_given: Any) -> Any:
        answer: Any = {
            "Error": {"Code": "AccessDenied"},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }
        raise ClientError(answer, "PutObject")

    monkeypatch.setattr(world.s3, "put_object", refuse)
    assert world(arrived("2026-11-21")) == ["0"]
