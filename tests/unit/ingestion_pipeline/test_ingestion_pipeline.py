"""IngestionPipeline: tables, permissions, reports, and arguments."""

import json
from typing import Any

import pulumi
import pytest

from components.ingestion_pipeline import IngestionPipeline
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.policies import statements

SCHEMA = (ROOT / "schemas" / "telemetry.yaml").read_text()


def args(**overrides: Any) -> Any:
    return {"schema": SCHEMA, "functions": {"python": PYTHON}, **overrides}


def build_lake(build: Build, **overrides: Any) -> Built:
    return build(lambda: IngestionPipeline("t", args(**overrides)))


def destination(graph: Built) -> dict[str, Any]:
    found: dict[str, Any] = graph.one("t-delivery", "DeliveryStream").inputs[
        "extendedS3Configuration"
    ]
    return found


def allowed(graph: Built, policy: str) -> dict[str, list[str]]:
    """Return the resources that a policy allows, by action."""
    return {
        action: statement["Resource"]
        for statement in statements(graph.one(policy).inputs["policy"])
        for action in statement["Action"]
    }


def test_the_table_has_the_columns_of_all_versions_and_projects_its_partitions(build: Build):
    table = build_lake(build).one("t-table").inputs
    columns = {each["name"]: each["type"] for each in table["storageDescriptor"]["columns"]}
    assert columns["temperature"] == "double" and columns["battery"] == "double"
    assert columns["late"] == "boolean" and columns["received_at"] == "bigint"
    assert table["partitionKeys"] == [{"name": "day", "type": "string"}]
    assert table["parameters"]["projection.enabled"] == "true"
    location = table["storageDescriptor"]["location"]
    assert table["parameters"]["storage.location.template"] == f"{location}day=${{day}}/"


def test_records_and_errors_go_to_different_folders(build: Build):
    graph = build_lake(build)
    to_s3 = destination(graph)
    bucket = graph.one("t-lake").outputs["bucket"]
    location = graph.one("t-table").inputs["storageDescriptor"]["location"]
    folder = location.removeprefix(f"s3://{bucket}/")
    assert to_s3["prefix"] == f"{folder}day=!{{partitionKeyFromLambda:day}}/"
    assert to_s3["errorOutputPrefix"].startswith("errors/!{firehose:error-output-type}/")
    assert to_s3["dynamicPartitioningConfiguration"] == {"enabled": True}
    (target,) = graph.one("t-notification").inputs["queues"]
    assert target["filterPrefix"] == folder


def test_the_delivery_stream_has_only_the_permissions_that_it_needs(build: Build):
    graph = build_lake(build)
    function = graph.one("t-transform").outputs["arn"]
    permissions = allowed(graph, "t-delivery-policy")
    assert permissions["lambda:InvokeFunction"] == [function, f"{function}:*"]
    assert permissions["kinesis:GetRecords"] == [graph.one("t-stream").outputs["arn"]]
    assert permissions["s3:PutObject"][0] == graph.one("t-lake").outputs["arn"]
    assert not any(action.startswith("glue:") for action in permissions)
    (processor,) = destination(graph)["processingConfiguration"]["processors"]
    values = {each["parameterName"]: each["parameterValue"] for each in processor["parameters"]}
    assert values == {"LambdaArn": f"{function}:$LATEST"}, "defaults would differ each time"


def test_without_a_stream_the_rule_sends_to_the_delivery_stream(build: Build):
    graph = build_lake(build, stream=False)
    delivery = graph.one("t-delivery", "DeliveryStream")
    assert not graph.of("Stream") and "kinesisSourceConfiguration" not in delivery.inputs
    assert delivery.inputs["serverSideEncryption"] == {"enabled": True}
    (action,) = graph.one("t-rule", "TopicRule").inputs["firehoses"]
    assert action["deliveryStreamName"] == delivery.outputs["name"]
    assert allowed(graph, "t-rule-policy")["firehose:PutRecord"] == [delivery.outputs["arn"]]
    put_back = allowed(graph, "t-transform-put-back")
    assert put_back == {"firehose:PutRecordBatch": [delivery.outputs["arn"]]}


def test_an_existing_stream_can_be_used(build: Build):
    arn = "arn:aws:kinesis:eu-west-1:1:stream/theirs"
    graph = build_lake(build, stream_arn=arn)
    assert not graph.of("Stream")
    (action,) = graph.one("t-rule", "TopicRule").inputs["kineses"]
    assert action["streamName"] == "theirs" and action["partitionKey"] == "${topic(2)}"
    assert allowed(graph, "t-rule-policy")["kinesis:PutRecord"] == [arn]
    assert allowed(graph, "t-transform-put-back") == {"kinesis:PutRecords": [arn]}


def test_an_existing_bucket_can_be_used(build: Build):
    graph = build_lake(build, lake_bucket_arn="arn:aws:s3:::theirs")
    assert {each.name for each in graph.of("Bucket")} == {"t-reports"}
    assert destination(graph)["bucketArn"] == "arn:aws:s3:::theirs"
    assert graph.one("t-notification").inputs["bucket"] == "theirs"


def test_a_device_can_publish_only_to_its_own_topic(build: Build):
    graph = build_lake(build, topic="field")
    connect, publish = json.loads(graph.one("t-devices").inputs["policy"])["Statement"]
    name = "${iot:Connection.Thing.ThingName}"
    assert connect["Resource"].endswith(f":client/{name}")
    assert connect["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    assert publish["Action"] == "iot:Publish"
    assert publish["Resource"].endswith(f":topic/field/{name}")
    rule = graph.one("t-rule", "TopicRule").inputs
    assert rule["sql"].endswith("FROM 'field/+'") and "-" not in rule["name"]
    assert rule["errorAction"]["s3"]["key"].startswith("errors/rule/")


def test_queries_cannot_override_the_settings_of_the_workgroup(build: Build):
    configuration = build_lake(build, max_scan_mib=20).one("t-workgroup").inputs["configuration"]
    assert configuration["enforceWorkgroupConfiguration"] is True
    assert configuration["bytesScannedCutoffPerQuery"] == 20 * 1024**2
    result = configuration["resultConfiguration"]
    assert result["encryptionConfiguration"] == {"encryptionOption": "SSE_S3"}


def test_reports_run_the_named_queries_and_read_only_this_lake(build: Build):
    graph = build_lake(build)
    variables = graph.one("t-report").inputs["environment"]["variables"]
    ids = {each.inputs["name"]: each.id for each in graph.of("NamedQuery")}
    assert json.loads(variables["QUERIES"]) == ids
    permissions = allowed(graph, "t-report-policy")
    assert permissions["athena:StartQueryExecution"] == [graph.one("t-workgroup").outputs["arn"]]
    lake, reports = (graph.one(f"t-{each}").outputs["arn"] for each in ("lake", "reports"))
    assert permissions["s3:PutObject"] == [f"{reports}/reports/*"]
    reads = [
        resource
        for statement in statements(graph.one("t-report-policy").inputs["policy"])
        if "s3:GetObject" in statement["Action"]
        for resource in statement["Resource"]
    ]
    assert set(reads) == {f"{lake}/readings/*", f"{reports}/results/*", f"{reports}/reports/*"}


def test_the_schedule_and_the_bucket_can_send_to_the_queue(build: Build):
    graph = build_lake(build)
    senders = {
        statement["Principal"]["Service"]: statement["Condition"]["ArnEquals"]["aws:SourceArn"]
        for statement in statements(graph.one("t-arrivals-policy").inputs["policy"])
        if statement["Effect"] == "Allow"
    }
    assert senders == {
        "events.amazonaws.com": graph.one("t-schedule").outputs["arn"],
        "s3.amazonaws.com": graph.one("t-lake").outputs["arn"],
    }


def test_records_are_converted_to_parquet_with_the_schema_of_the_table(build: Build):
    graph = build_lake(build, format="parquet")
    to_s3 = destination(graph)
    conversion = to_s3["dataFormatConversionConfiguration"]
    assert conversion["schemaConfiguration"]["tableName"] == "readings"
    assert to_s3["compressionFormat"] == "UNCOMPRESSED"
    table = graph.one("t-table")
    assert "Parquet" in table.inputs["storageDescriptor"]["inputFormat"]
    assert table.outputs["arn"] in allowed(graph, "t-delivery-policy")["glue:GetTableVersions"]


def test_old_records_errors_and_results_expire(build: Build):
    graph = build_lake(build, retention_days=30, failures_retention_days=5)
    rules = {
        each["filter"]["prefix"]: each["expiration"]["days"]
        for name in ("lake", "reports")
        for each in graph.one(f"t-{name}-lifecycle").inputs["rules"]
        if "days" in each.get("expiration", {})
    }
    assert rules == {"readings/": 30, "errors/": 5, "results/": 7, "reports/": 400}


def test_the_allowed_origins_of_reports_can_be_outputs(build: Build):
    def program() -> None:
        origins = ["https://a.test", pulumi.Output.from_input("https://later.test")]
        IngestionPipeline("t", args(report_allowed_origins=origins))

    (rule,) = build(program).one("t-reports-cors").inputs["corsRules"]
    assert rule["allowedOrigins"] == ["https://a.test", "https://later.test"]


def test_the_name_of_the_component_is_the_default_topic(build: Build):
    with pytest.raises(ValueError, match=r"topic: is 'a\+b'; it must be one level"):
        build(lambda: IngestionPipeline("a+b", args()))


@pytest.mark.parametrize("key", ["schema", "stream", "format", "redshift", "retain_data"])
def test_an_output_is_refused_where_a_plain_value_is_needed(build: Build, key: str):
    def program() -> None:
        with pytest.raises(ValueError, match=f"{key}: is an Output; it must be"):
            IngestionPipeline("t", args(**{key: pulumi.Output.from_input("x")}))

    assert [each.name for each in build(program).resources] == ["t"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"format": "iceberg"}, "format: is 'iceberg'; it must be one of 'json', 'parquet'"),
        ({"topic": "a/b"}, "topic: is 'a/b'; it must be one level of a topic"),
        ({"topic": ""}, "topic: is ''; it must be one level of a topic"),
        ({"topic": 1}, "topic: is 1; it must be a string"),
        ({"buffer_seconds": 5}, "buffer_seconds: is 5; it must be from 60 to 900 seconds"),
        ({"buffer_seconds": "60"}, "buffer_seconds: is '60'; it must be a whole number"),
        ({"rejected_per_minute": -1}, "rejected_per_minute: is -1; it must be from 0 to 1000000"),
        ({"retention_days": 0}, "retention_days: is 0; it must be from 1 to 36500 days"),
        ({"report_schedule": "daily"}, "report_schedule: is 'daily'; it must be a schedule such"),
        ({"stream": "no"}, "stream: is 'no'; it must be true or false"),
        (
            {"stream": False, "stream_arn": "arn:aws:kinesis:x:1:stream/s"},
            "stream: is false; `stream_arn` requires a stream",
        ),
        (
            {"report_allowed_origins": ["http://a.test"]},
            "report_allowed_origins[0]: is 'http://a.test'; it must be an origin",
        ),
        ({"report_allowed_origins": ["*"]}, "report_allowed_origins[0]: is '*'; it must be an"),
        (
            {"report_allowed_origins": "https://a.test"},
            "report_allowed_origins: is 'https://a.test'; it must be a list",
        ),
        ({"schema": "- 1"}, "schema: is not a mapping"),
        ({"schema": {"table": "x"}}, "schema: is {'table': 'x'}; it must be a string"),
        ({"bucket": "x"}, "bucket: is not an argument; "),
        ({"transform_access": []}, "transform_access: is []; it must be a map of arguments"),
        (
            {"transform_access": {"statements": [{"actions": ["s3:*"], "resources": []}]}},
            "transform_access.statements[0].actions[0]: is 's3:*'; it must be an IAM action "
            "without a wildcard",
        ),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, overrides: dict[str, Any], message: str
):
    with pytest.raises(ValueError, match="IngestionPipeline 't' has invalid arguments") as caught:
        build_lake(build, **overrides)
    assert message in str(caught.value)


def test_all_problems_are_reported_at_once(build: Build):
    found = r"(?s)schema: is missing.*max_age_days.*max_scan_mib"
    with pytest.raises(ValueError, match=found):
        build(lambda: IngestionPipeline("t", {"max_age_days": 0, "max_scan_mib": 1}))  # type: ignore[typeddict-item]
