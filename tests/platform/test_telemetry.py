"""The telemetry system on the emulator with IAM: from MQTT to SQL and reports."""

import base64
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from paho.mqtt.client import MQTTMessageInfo

from local.cloud import Cloud
from local.devices.command import send
from local.devices.fleet import Broker, Device, fleet, register
from local.devices.plan import BAD, Message, Plan, Shares
from local.errors import LocalError
from tests.handlers.aws import emulator_environment
from tools.recover.telemetry import Telemetry as FailedTelemetry
from tools.stack_outputs import System

DEVICES, RECORDS = 50, 20_000
PATIENCE = 90
DAY = 24 * 3600_000
HOUR = 3600_000


class Telemetry:
    """The telemetry system and its clients."""

    def __init__(self, cloud: Cloud) -> None:
        self.out: dict[str, str] = cloud.outputs["telemetry"]
        self.cloud = cloud
        self.s3 = cloud.client("s3")
        self.broker = Broker.of(cloud.endpoint, self.out["iotEndpoint"])

    def fleet(self, *names: str) -> Any:
        iot = self.cloud.client("iot")
        return fleet(iot, names, self.out["thingPolicy"], self.broker)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.out[bucket], Prefix=prefix
        )
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def read(self, bucket: str, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=self.out[bucket], Key=key)["Body"].read()
        return gzip.decompress(body) if key.endswith(".gz") else body

    def lines(self, key: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read("lakeBucket", key).splitlines()]

    def sql(self, query: str) -> list[list[str]]:
        athena = self.cloud.client("athena")
        started = athena.start_query_execution(
            QueryString=query,
            WorkGroup=self.out["workgroup"],
            QueryExecutionContext={"Database": self.out["database"]},
        )["QueryExecutionId"]

        def ended() -> bool:
            execution = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
            assert execution["Status"]["State"] != "FAILED", execution["Status"]
            return bool(execution["Status"]["State"] == "SUCCEEDED")

        until(ended, "the query")
        rows = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"][1:]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]

    def report(self, name: str, day: str) -> list[dict[str, Any]]:
        key = f"reports/{name}/day={day}/report.json"
        if key not in self.keys("reportsBucket", "reports/"):
            return []
        report = json.loads(self.read("reportsBucket", key))
        return [dict(zip(report["columns"], row, strict=True)) for row in report["rows"]]

    def logged(self, function: str) -> str:
        lines = map(json.loads, self.cloud.function_logs.read_text().splitlines())
        return "\n".join(each["line"] for each in lines if each["function"] == self.out[function])

    def failed(self) -> FailedTelemetry:
        return FailedTelemetry(System("telemetry", self.out, {}))


def until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def day(moment: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(moment // 1000))


@pytest.fixture(scope="module")
def telemetry() -> Iterator[Telemetry]:
    """The production path, with a stream between devices and delivery."""
    with (
        Cloud(systems=["telemetry"], overrides={"telemetryStream": True}) as cloud,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in emulator_environment(cloud.emulator).items():
            patch.setenv(name, value)
        yield Telemetry(cloud)


@pytest.fixture(scope="module")
def sent(telemetry: Telemetry) -> list[Message]:
    """All messages of the fleet, after they are published, confirmed and delivered."""
    names = [f"device-{number:03d}" for number in range(DEVICES)]
    messages = list(Plan(names, Shares(), seed=6).messages(RECORDS, int(time.time() * 1000)))
    started = time.monotonic()
    with telemetry.fleet(*names) as devices:
        assert list(send(devices, telemetry.out["topic"], messages)) == messages
    published = time.monotonic() - started
    kinds = Counter(message.kind for message in messages)
    delivered = kinds["good"] + kinds["late"]
    until(lambda: count(telemetry) >= delivered, f"{delivered} records in the lake", PATIENCE)
    print(
        f"{RECORDS} messages of {DEVICES} devices in {published:.1f} s, "
        f"in the lake after {time.monotonic() - started:.1f} s"
    )
    return messages


def count(telemetry: Telemetry) -> int:
    """Return the distinct readings in the files of the lake."""
    keys = telemetry.keys("lakeBucket", "readings/")
    return len({line["reading_id"] for key in keys for line in telemetry.lines(key)})


def expected(sent: list[Message]) -> dict[str, dict[str, Any]]:
    """Return every valid reading by its ID, as it was sent."""
    good = (json.loads(each.payload) for each in sent if each.kind in ("good", "late"))
    return {reading["reading_id"]: reading for reading in good}


def test_the_fleet_sends_its_plan(sent: list[Message]):
    kinds = Counter("bad" if each.kind in BAD else each.kind for each in sent)
    assert kinds["bad"] == 400 and kinds["late"] == 1_000
    # A device that has sent nothing cannot repeat a message.
    assert 590 <= kinds["duplicate"] <= 600 and kinds.total() == RECORDS
    assert len(expected(sent)) == kinds["good"] + kinds["late"]


def test_every_good_record_is_in_the_files_of_its_day(telemetry: Telemetry, sent: list[Message]):
    good = expected(sent)
    found: dict[str, dict[str, Any]] = {}
    for key in telemetry.keys("lakeBucket", "readings/"):
        for line in telemetry.lines(key):
            assert f"/day={day(line['measured_at'])}/" in key
            found[line["reading_id"]] = line
    assert found.keys() == good.keys()
    for id_, line in found.items():
        late = line.pop("late")
        assert late is (line.pop("received_at") - line["measured_at"] > HOUR)
        assert line == good[id_]


def test_sql_counts_every_good_record_once(telemetry: Telemetry, sent: list[Message]):
    good = expected(sent)
    ((readings, devices),) = telemetry.sql(
        "SELECT count(DISTINCT reading_id) AS readings, count(DISTINCT device_id) AS devices "
        "FROM readings"
    )
    assert (int(readings), int(devices)) == (len(good), DEVICES)
    of_days = Counter(day(each["measured_at"]) for each in good.values())
    rows = telemetry.sql(
        "SELECT day, count(DISTINCT reading_id) AS readings FROM readings GROUP BY day"
    )
    assert {name: int(number) for name, number in rows} == of_days
    assert len(of_days) >= 3  # late readings are on earlier days


def test_every_bad_record_is_stored_once_with_its_reason(telemetry: Telemetry, sent: list[Message]):
    failed = telemetry.failed()
    bad = Counter((each.kind, each.payload) for each in sent if each.kind in BAD)
    assert len(bad) == bad.total() == 400
    until(lambda: sum(len(each[2]) for each in failed.rejected()) == 400, "the bad records")
    found: Counter[tuple[str, bytes]] = Counter()
    for key, _, rejected in failed.rejected():
        assert key.startswith("errors/processing-failed/day=")
        for each, reason in zip(rejected, failed.reasons(rejected), strict=True):
            found[reason.split(":")[0], original(each.raw)] += 1
    assert found == bad


def original(wrapped: bytes) -> bytes:
    return base64.b64decode(json.loads(wrapped)["data"])


def test_reports_match_the_messages(telemetry: Telemetry, sent: list[Message]):
    """The test computes the numbers from the sent messages."""
    good = expected(sent)
    today = max(day(each["measured_at"]) for each in good.values())
    mine = [each for each in good.values() if day(each["measured_at"]) == today]

    def done() -> bool:
        return sum(row["readings"] for row in telemetry.report("devices", today)) == len(mine)

    until(done, "the report", 60)
    by_device: dict[str, list[float]] = {}
    for each in mine:
        by_device.setdefault(each["device_id"], []).append(each["temperature"])
    for row in telemetry.report("devices", today):
        values = by_device.pop(row["device_id"])
        assert row["readings"] == len(values)
        assert row["temperature_max"] == max(values) and row["temperature_min"] == min(values)
        assert row["temperature_avg"] == pytest.approx(sum(values) / len(values))
    assert not by_device
    index = json.loads(telemetry.read("reportsBucket", "reports/index.json"))
    assert index["days"][0] == today


def test_the_transform_receives_batches_and_logs_no_content(
    telemetry: Telemetry, sent: list[Message]
):
    printed = telemetry.logged("transformFunction")
    metrics = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    assert sum(each["Accepted"] + each["Duplicates"] for each in metrics) == 19_600
    assert sum(each["Rejected"] for each in metrics) == 400
    assert len(metrics) < RECORDS / 100
    assert "hunter2" not in printed and "somebody-else" not in printed


def test_a_device_can_publish_only_to_its_own_topic(telemetry: Telemetry):
    with telemetry.fleet("spy", "victim") as devices:
        topic = telemetry.out["topic"]
        reading = {"schema_version": 1, "device_id": "victim", "measured_at": 1, "temperature": 1.0}
        payload = json.dumps({"reading_id": "forged", **reading}).encode()
        refused: MQTTMessageInfo = devices["spy"].publish(f"{topic}/victim", payload)
        refused.wait_for_publish(2)
        assert not refused.is_published()
        # The broker closes its connection and serves the others.
        own = json.dumps({"reading_id": "own", **reading, "measured_at": int(time.time() * 1000)})
        devices["victim"].publish(f"{topic}/victim", own.encode()).wait_for_publish(10)
    query = "SELECT reading_id FROM readings WHERE device_id = 'victim'"
    until(lambda: telemetry.sql(query) == [["own"]], "the victim's own reading")


def test_a_client_without_the_certificate_of_the_thing_is_rejected(telemetry: Telemetry):
    credentials = register(telemetry.cloud.client("iot"), "real", telemetry.out["thingPolicy"])
    rejected = "device fake was rejected: the broker closed the connection"
    with pytest.raises(LocalError, match=rejected):
        Device("fake", credentials, telemetry.broker).connect()


def test_rejected_records_are_recovered_when_the_schema_accepts_them(
    telemetry: Telemetry, sent: list[Message], capsys: pytest.CaptureFixture[str]
):
    """The transform is configured to accept older records; then only those are delivered."""
    lambda_, name = telemetry.cloud.client("lambda"), telemetry.out["transformFunction"]
    old = {
        "schema_version": 1,
        "reading_id": "from-the-attic",
        "device_id": "attic",
        "measured_at": int(time.time() * 1000) - 20 * DAY,
        "temperature": 3.5,
    }
    with telemetry.fleet("attic") as devices:
        payload = json.dumps(old).encode()
        devices["attic"].publish(f"{telemetry.out['topic']}/attic", payload).wait_for_publish(10)
    failed = telemetry.failed()
    until(lambda: sum(len(each[2]) for each in failed.rejected()) == 401, "the old one rejected")
    assert failed.recover(dry_run=True) == 401
    said = capsys.readouterr().out
    assert "records to send again: 0\n" in said
    assert "records that stay: 1 (too-old: measured_at" in said

    settings = lambda_.get_function_configuration(FunctionName=name)["Environment"]
    settings["Variables"]["MAX_AGE_DAYS"] = "30"
    lambda_.update_function_configuration(FunctionName=name, Environment=settings)
    assert failed.recover(dry_run=False) == 400
    assert "records sent again: 1\n" in capsys.readouterr().out
    query = "SELECT device_id, late FROM readings WHERE reading_id = 'from-the-attic'"
    until(lambda: telemetry.sql(query) == [["attic", "true"]], "the old one in the table")
    assert sum(len(each[2]) for each in failed.rejected()) == 400
