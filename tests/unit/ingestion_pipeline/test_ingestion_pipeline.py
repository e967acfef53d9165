"""IngestionPipeline: what follows from the schema, who may do what, and which arguments are bad."""

import json
from typing import Any

import pytest

from components.ingestion_pipeline import IngestionPipeline
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.conftest import statements

SCHEMA = (ROOT / "schemas" / "telemetry.yaml").read_text()


def args(**given: Any) -> Any:
    return {"schema": SCHEMA, "functions": {"python": PYTHON}, **given}


def built(build: Build, **given: Any) -> Built:
    return build(lambda: IngestionPipeline("t", args(**given)))


def destination(graph: Built) -> dict[str, Any]:
    found: dict[str, Any] = graph.one("t-delivery", "DeliveryStream").inputs[
        "extendedS3Configuration"
    ]
    return found


def allowed(graph: Built, policy: str) -> dict[str, list[str]]:
    """Resources by action."""
    return {
        action: statement["Resource"]
        for statement in statements(graph.one(policy).inputs["policy"])
        for action in statement["Action"]
    }


def test_the_table_has_the_columns_of_all_versions_and_projects_its_partitions(build: Build):
    table = built(build).one("t-table").inputs
    columns = {each["name"]: each["type"] for each in table["storageDescriptor"]["columns"]}
    assert columns["temperature"] == "double" and columns["battery"] == "double"
    assert columns["late"] == "boolean" and columns["received_at"] == "bigint"
    assert table["partitionKeys"] == [{"name": "day", "type": "string"}]
    assert table["parameters"]["projection.enabled"] == "true"
    location = table["storageDescriptor"]["location"]
    assert table["parameters"]["storage.location.template"] == f"{location}day=${{day}}/"


def test_records_go_where_the_table_looks_and_errors_elsewhere(build: Build):
    graph = built(build)
    to_s3 = destination(graph)
    bucket = graph.one("t-lake").outputs["bucket"]
    location = graph.one("t-table").inputs["storageDescriptor"]["location"]
    folder = location.removeprefix(f"s3://{bucket}/")
    assert to_s3["prefix"] == f"{folder}day=!{{partitionKeyFromLambda:day}}/"
    assert to_s3["errorOutputPrefix"].startswith("errors/!{firehose:error-output-type}/")
    assert to_s3["dynamicPartitioningConfiguration"] == {"enabled": True}
    (notified,) = graph.one("t-notification").inputs["queues"]
    assert notified["filterPrefix"] == folder


def test_delivery_may_do_what_it_does_and_no_more(build: Build):
    graph = built(build)
    function = graph.one("t-transform").outputs["arn"]
    may = allowed(graph, "t-delivery-policy")
    assert may["lambda:InvokeFunction"] == [function, f"{function}:*"]
    assert may["kinesis:GetRecords"] == [graph.one("t-stream").outputs["arn"]]
    assert may["s3:PutObject"][0] == graph.one("t-lake").outputs["arn"]
    assert not any(action.startswith("glue:") for action in may)
    (processor,) = destination(graph)["processingConfiguration"]["processors"]
    values = {each["parameterName"]: each["parameterValue"] for each in processor["parameters"]}
    assert values["LambdaArn"] == f"{function}:$LATEST"


def test_without_a_stream_the_rule_puts_to_the_delivery_stream_itself(build: Build):
    graph = built(build, stream=False)
    delivery = graph.one("t-delivery", "DeliveryStream")
    assert not graph.of("Stream") and "kinesisSourceConfiguration" not in delivery.inputs
    assert delivery.inputs["serverSideEncryption"] == {"enabled": True}
    (action,) = graph.one("t-rule", "TopicRule").inputs["firehoses"]
    assert action["deliveryStreamName"] == delivery.outputs["name"]
    assert allowed(graph, "t-rule-policy")["firehose:PutRecord"] == [delivery.outputs["arn"]]
    put_back = allowed(graph, "t-transform-put-back")
    assert put_back == {"firehose:PutRecordBatch": [delivery.outputs["arn"]]}


def test_a_stream_can_be_the_callers_own(build: Build):
    arn = "arn:aws:kinesis:eu-west-1:1:stream/theirs"
    graph = built(build, stream_arn=arn)
    assert not graph.of("Stream")
    (action,) = graph.one("t-rule", "TopicRule").inputs["kineses"]
    assert action["streamName"] == "theirs" and action["partitionKey"] == "${topic(2)}"
    assert allowed(graph, "t-rule-policy")["kinesis:PutRecord"] == [arn]
    assert allowed(graph, "t-transform-put-back") == {"kinesis:PutRecords": [arn]}


def test_a_bucket_can_be_the_callers_own(build: Build):
    graph = built(build, lake_bucket_arn="arn:aws:s3:::theirs")
    assert {each.name for each in graph.of("Bucket")} == {"t-reports"}
    assert destination(graph)["bucketArn"] == "arn:aws:s3:::theirs"
    assert graph.one("t-notification").inputs["bucket"] == "theirs"


def test_a_device_may_publish_to_its_own_topic_only(build: Build):
    graph = built(build, topic="field")
    connect, publish = json.loads(graph.one("t-devices").inputs["policy"])["Statement"]
    name = "${iot:Connection.Thing.ThingName}"
    assert connect["Resource"].endswith(f":client/{name}")
    assert connect["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    assert publish["Action"] == "iot:Publish"
    assert publish["Resource"].endswith(f":topic/field/{name}")
    rule = graph.one("t-rule", "TopicRule").inputs
    assert rule["sql"].endswith("FROM 'field/+'") and "-" not in rule["name"]
    assert rule["errorAction"]["s3"]["key"].startswith("errors/rule/")


def test_the_workgroup_cannot_be_talked_out_of_its_settings(build: Build):
    configuration = built(build, max_scan_mib=20).one("t-workgroup").inputs["configuration"]
    assert configuration["enforceWorkgroupConfiguration"] is True
    assert configuration["bytesScannedCutoffPerQuery"] == 20 * 1024**2
    result = configuration["resultConfiguration"]
    assert result["encryptionConfiguration"] == {"encryptionOption": "SSE_S3"}


def test_reports_come_from_the_named_queries_and_read_only_this_lake(build: Build):
    graph = built(build)
    variables = graph.one("t-report").inputs["environment"]["variables"]
    ids = {each.inputs["name"]: each.id for each in graph.of("NamedQuery")}
    assert json.loads(variables["QUERIES"]) == ids
    may = allowed(graph, "t-report-policy")
    assert may["athena:StartQueryExecution"] == [graph.one("t-workgroup").outputs["arn"]]
    lake, reports = (graph.one(f"t-{each}").outputs["arn"] for each in ("lake", "reports"))
    assert may["s3:PutObject"] == [f"{reports}/reports/*"]
    reads = [
        resource
        for statement in statements(graph.one("t-report-policy").inputs["policy"])
        if "s3:GetObject" in statement["Action"]
        for resource in statement["Resource"]
    ]
    assert set(reads) == {f"{lake}/readings/*", f"{reports}/results/*", f"{reports}/reports/*"}


def test_the_schedule_and_the_bucket_may_send_to_the_queue(build: Build):
    graph = built(build)
    senders = {
        statement["Principal"]["Service"]: statement["Condition"]["ArnEquals"]["aws:SourceArn"]
        for statement in statements(graph.one("t-arrivals-policy").inputs["policy"])
        if statement["Effect"] == "Allow"
    }
    assert senders == {
        "events.amazonaws.com": graph.one("t-schedule").outputs["arn"],
        "s3.amazonaws.com": graph.one("t-lake").outputs["arn"],
    }


def test_parquet_is_converted_by_the_table(build: Build):
    graph = built(build, format="parquet")
    to_s3 = destination(graph)
    conversion = to_s3["dataFormatConversionConfiguration"]
    assert conversion["schemaConfiguration"]["tableName"] == "readings"
    assert to_s3["compressionFormat"] == "UNCOMPRESSED"
    table = graph.one("t-table")
    assert "Parquet" in table.inputs["storageDescriptor"]["inputFormat"]
    assert table.outputs["arn"] in allowed(graph, "t-delivery-policy")["glue:GetTableVersions"]


def test_iceberg_has_the_day_as_a_column_and_no_projection(build: Build):
    graph = built(build, format="iceberg")
    table = graph.one("t-table").inputs
    assert table["openTableFormatInput"] == {"icebergInput": {"metadataOperation": "CREATE"}}
    assert "partitionKeys" not in table and "parameters" not in table
    assert "day" in [each["name"] for each in table["storageDescriptor"]["columns"]]
    delivery = graph.one("t-delivery", "DeliveryStream").inputs
    assert delivery["destination"] == "iceberg" and "extendedS3Configuration" not in delivery
    assert delivery["icebergConfiguration"]["s3Configuration"]["errorOutputPrefix"]
    variables = graph.one("t-transform").inputs["environment"]["variables"]
    assert variables["DAY_COLUMN"] == "1"
    assert "glue:UpdateTable" in allowed(graph, "t-delivery-policy")


def test_old_records_errors_and_results_go(build: Build):
    graph = built(build, retention_days=30, error_retention_days=5)
    rules = {
        each["filter"]["prefix"]: each["expiration"]["days"]
        for name in ("lake", "reports")
        for each in graph.one(f"t-{name}-lifecycle").inputs["rules"]
        if "expiration" in each
    }
    assert rules == {"readings/": 30, "errors/": 5, "results/": 7, "reports/": 400}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"format": "csv"}, "format: is 'csv'; give one of 'json', 'parquet', 'iceberg'"),
        ({"topic": "a/b"}, "topic: 'a/b' is not one level"),
        ({"buffer_seconds": 5}, "buffer_seconds: is 5; give a number of seconds from 60 to 900"),
        (
            {"stream": False, "stream_arn": "arn:aws:kinesis:x:1:stream/s"},
            "stream: is false beside",
        ),
        (
            {"report_allowed_origins": ["http://a.test"]},
            "report_allowed_origins: 'http://a.test' is not https://",
        ),
        ({"schema": "- 1"}, "schema: is no mapping"),
        ({"bucket": "x"}, "bucket: no such argument"),
        (
            {"transform_access": {"statements": [{"actions": ["s3:*"], "resources": []}]}},
            "wildcard",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(build: Build, given: dict[str, Any], message: str):
    with pytest.raises(ValueError, match="IngestionPipeline 't': ") as caught:
        built(build, **given)
    assert message in str(caught.value)


def test_all_problems_come_at_once(build: Build):
    with pytest.raises(ValueError, match=r"schema: is missing.*max_age_days.*max_scan_mib"):
        build(lambda: IngestionPipeline("t", {"max_age_days": 0, "max_scan_mib": 1}))  # type: ignore[typeddict-item]
