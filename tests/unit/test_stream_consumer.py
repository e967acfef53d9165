"""StreamConsumer: a function that reads the caller's stream."""

import json
from pathlib import Path

import pytest

from components.stream_consumer import StreamConsumer
from tests.conftest import Build
from tests.projects import PYTHON
from tests.unit.policies import statements

STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/readings"


@pytest.fixture
def alerting(tmp_path: Path) -> dict:
    """Return the arguments of a consumer with code in a folder of the caller."""
    (tmp_path / "app.py").write_text("def handler(event, context): return {}\n")
    return {"stream_arn": STREAM, "code": str(tmp_path), "functions": {"python": PYTHON}}


def test_a_failing_record_is_isolated_retried_and_stored(build: Build, alerting: dict):
    graph = build(lambda: StreamConsumer("alerting", alerting))
    mapping = graph.one("alerting-mapping").inputs
    failures = graph.one("alerting-failures").outputs["arn"]
    assert mapping["eventSourceArn"] == STREAM
    assert mapping["bisectBatchOnFunctionError"] is True
    assert mapping["maximumRetryAttempts"] == 5
    assert mapping["maximumRecordAgeInSeconds"] == 12 * 3600
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["startingPosition"] == "TRIM_HORIZON"
    assert mapping["destinationConfig"] == {"onFailure": {"destinationArn": failures}}


def test_the_role_can_only_read_the_stream_and_write_failures(build: Build, alerting: dict):
    graph = build(lambda: StreamConsumer("alerting", alerting))
    failures = graph.one("alerting-failures").outputs["arn"]
    logs = graph.one("alerting-function-logs").outputs["arn"]
    permissions: dict[str, set[str]] = {}
    for each in statements(graph.one("alerting-function-policy").inputs["policy"]):
        for resource in each["Resource"]:
            permissions.setdefault(resource, set()).update(each["Action"])
    assert permissions.pop(STREAM) == {
        f"kinesis:{action}"
        for action in (
            *("DescribeStream", "DescribeStreamSummary", "GetRecords"),
            *("GetShardIterator", "ListShards"),
        )
    }
    assert permissions.pop(f"{failures}/aws/lambda/*") == {"s3:PutObject"}
    assert permissions.pop(failures) == {"s3:ListBucket"}
    assert permissions.keys() == {f"{logs}:*", "*"}  # logs, traces


def test_the_alarms_notify_the_topic(build: Build, alerting: dict):
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms"
    monitored = {**alerting, "max_lag_minutes": 10, "alarm_topic_arn": topic}
    graph = build(lambda: StreamConsumer("alerting", monitored))
    alarms = {each.name: each.inputs for each in graph.of("MetricAlarm")}
    assert {name.removeprefix("alerting-") for name in alarms} == {
        *("function-errors", "function-throttles"),
        *("iterator-age", "failure-store"),
    }
    assert all(each["alarmActions"] == [topic] for each in alarms.values())
    assert alarms["alerting-iterator-age"]["threshold"] == 600_000
    failure_store = alarms["alerting-failure-store"]
    assert failure_store["dimensions"] == {
        "EventSourceMappingUUID": graph.one("alerting-mapping").outputs["uuid"]
    }
    # Lambda sends this metric only on request.
    assert graph.one("alerting-mapping").inputs["metricsConfig"] == {"metrics": ["EventCount"]}


def test_numeric_arguments_and_permissions_configure_the_resources(build: Build, alerting: dict):
    table = "arn:aws:dynamodb:eu-west-1:123456789012:table/alerts"
    configured = {
        **alerting,
        "timeout": 60,
        "memory": 512,
        "batch_size": 500,
        "max_retry_attempts": 0,
        "max_record_age_minutes": 10,
        "failures_retention_days": 7,
        "retain_data": False,
        "access": [
            {
                "environment": {"ALERTS": "alerts"},
                "statements": [{"actions": ["dynamodb:PutItem"], "resources": [table]}],
            }
        ],
    }
    graph = build(lambda: StreamConsumer("alerting", configured))
    function = graph.one("alerting-function").inputs
    mapping = graph.one("alerting-mapping").inputs
    assert (function["timeout"], function["memorySize"]) == (60, 512)
    account = function["role"].split(":")[4]  # it writes to the bucket of failures
    assert function["environment"]["variables"] == {"ALERTS": "alerts", "BUCKET_OWNER": account}
    assert table in graph.one("alerting-function-policy").inputs["policy"]
    assert (mapping["batchSize"], mapping["maximumRetryAttempts"]) == (500, 0)
    assert mapping["maximumRecordAgeInSeconds"] == 600
    assert graph.one("alerting-failures").inputs["forceDestroy"] is True
    rules = graph.one("alerting-failures-lifecycle").inputs["rules"]
    assert {"days": 7} in [each.get("expiration") for each in rules]


def test_the_failures_bucket_is_private_encrypted_and_requires_tls(build: Build, alerting: dict):
    graph = build(lambda: StreamConsumer("alerting", alerting))
    assert graph.one("alerting-failures").inputs["forceDestroy"] is False
    block = graph.one("alerting-failures-private").inputs
    assert all(value is True for key, value in block.items() if key != "bucket")
    assert graph.one("alerting-failures-encryption")
    [statement] = json.loads(graph.one("alerting-failures-policy").inputs["policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (
            {"stream_arn": "arn:aws:dynamodb:eu-west-1:1:table/t/stream/1"},
            "stream_arn: is 'arn:aws:dynamodb:eu-west-1:1:table/t/stream/1'; it must be the ARN of "
            "a Kinesis stream",
        ),
        ({"stream_arn": None}, "stream_arn: is missing; it is required"),
        ({"code": None}, "code: is missing; it is required"),
        ({"batch_size": 0}, "batch_size: is 0; it must be from 1 to 10000 records"),
        ({"max_retry_attempts": -1}, "max_retry_attempts: is -1; it must be from 0 to 1000"),
        ({"max_record_age_minutes": 20000}, "max_record_age_minutes: is 20000; it must be from"),
        ({"timeout": 901}, "timeout: is 901; it must be from 1 to 900 seconds"),
        ({"timeout": 1.5}, "timeout: is 1.5; it must be a whole number"),
        ({"memory": 64}, "memory: is 64; it must be from 128 to 10240 MiB"),
        (
            {"failures_retention_days": 0},
            "failures_retention_days: is 0; it must be from 1 to 3650",
        ),
        ({"max_lag_minutes": 0}, "max_lag_minutes: is 0; it must be from 1 to 10080 minutes"),
        ({"retain_data": "no"}, "retain_data: is 'no'; it must be true or false"),
        ({"functions": {"python": "2.7"}}, "functions.python: is '2.7'; it must be one of"),
        ({"access": "s3:GetObject"}, "access: is 's3:GetObject'; it must be a list"),
        (
            {"access": [{"statements": [{"actions": ["s3:*"], "resources": ["x"]}]}]},
            "access[0].statements[0].actions[0]: is 's3:*'; it must be an IAM action",
        ),
        ({"retries": 1}, "retries: is not an argument; "),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, alerting: dict, overrides: dict, problem: str
):
    with pytest.raises(ValueError, match="StreamConsumer 'alerting'") as caught:
        build(lambda: StreamConsumer("alerting", {**alerting, **overrides}))
    assert problem in str(caught.value)
