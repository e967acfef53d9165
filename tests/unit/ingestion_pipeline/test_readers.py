"""IngestionPipeline's optional readers: the Redshift warehouse and the QuickSight data set."""

import json
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import duckdb
import pytest
from botocore.validate import ParamValidator

from components.ingestion_pipeline import IngestionPipeline
from components.ingestion_pipeline.queries import recent_query
from components.ingestion_pipeline.redshift_sql import create_table
from components.ingestion_pipeline.schema import TelemetrySchema
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.policies import statements

SCHEMA = (ROOT / "schemas" / "telemetry.yaml").read_text()
READER = "arn:aws:quicksight:us-east-1:123456789012:user/default/reader"
NAMESPACE = "arn:aws:quicksight:us-east-1:123456789012:namespace/default"
COLUMN_TYPES = {
    "CategoricalDimensionField": "STRING",
    "CategoricalMeasureField": "STRING",
    "DateDimensionField": "DATETIME",
    "NumericalMeasureField": "DECIMAL",
}
"""Column type of each kind of dashboard field."""
TEMPLATE = "arn:aws:quicksight:us-east-1:123456789012:template/devices"


def build_lake(build: Build, **overrides: Any) -> Built:
    args: Any = {"schema": SCHEMA, "functions": {"python": PYTHON}, **overrides}

    def program() -> None:
        import pulumi

        pipeline = IngestionPipeline("t", args)
        pulumi.export("table", pipeline.redshift_table_sql)
        pulumi.export("copy", pipeline.redshift_copy_sql)
        pulumi.export("set", pipeline.quicksight_data_set_arn)

    return build(program)


def grants(graph: Built, policy: str) -> list[dict[str, Any]]:
    return list(statements(graph.one(policy).inputs["policy"]))


def test_no_reader_is_created_by_default(build: Build):
    graph = build_lake(build)
    services = {each.type.split(":")[1].split("/")[0] for each in graph.resources}
    assert not services & {"redshift", "redshiftserverless", "quicksight", "ec2"}
    assert graph.outputs == {"table": "", "copy": "", "set": ""}


def test_redshift_can_read_only_the_records(build: Build):
    graph = build_lake(build, redshift={})
    lake = graph.one("t-lake").outputs["arn"]
    get, list_ = grants(graph, "t-redshift-policy")
    assert (get["Action"], get["Resource"]) == (["s3:GetObject"], [f"{lake}/readings/*"])
    assert (list_["Action"], list_["Resource"]) == (["s3:ListBucket"], [lake])
    assert list_["Condition"] == {"StringLike": {"s3:prefix": ["readings/*"]}}
    role = graph.one("t-redshift-role").outputs["arn"]
    assert graph.one("t-redshift-namespace").inputs["iamRoles"] == [role]


def test_the_redshift_password_is_managed_and_its_network_reaches_only_s3(build: Build):
    graph = build_lake(build, redshift={"base_capacity": 16, "max_capacity": 32})
    namespace = graph.one("t-redshift-namespace").inputs
    assert namespace["manageAdminPassword"] is True and "adminUserPassword" not in namespace
    workgroup = graph.one("t-redshift-workgroup").inputs
    assert (workgroup["baseCapacity"], workgroup["maxCapacity"]) == (16, 32)
    assert workgroup["publiclyAccessible"] is False and workgroup["enhancedVpcRouting"] is True
    assert workgroup["subnetIds"] == [each.id for each in graph.of("Subnet")]
    assert not graph.of("SecurityGroupIngressRule") and not graph.of("NatGateway")
    (egress,) = graph.of("SecurityGroupEgressRule")
    assert "cidrIpv4" not in egress.inputs and egress.inputs["toPort"] == 443
    assert graph.one("t-redshift-s3").inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert egress.inputs["description"] == "HTTPS to s3"
    (flows,) = graph.of("FlowLog")
    assert flows.inputs["vpcId"] == graph.of("DefaultSecurityGroup")[0].inputs["vpcId"]


def test_the_integration_notifies_redshift_of_new_files(build: Build):
    graph = build_lake(build, redshift={})
    integration = graph.one("t-redshift-integration")
    lake = graph.one("t-lake").outputs["arn"]
    namespace = graph.one("t-redshift-namespace").outputs["arn"]
    assert (integration.inputs["sourceArn"], integration.inputs["targetArn"]) == (lake, namespace)
    (notifications,) = (
        each for each in grants(graph, "t-lake-policy") if each["Effect"] == "Allow"
    )
    assert notifications["Principal"] == {"Service": "redshift.amazonaws.com"}
    assert (
        notifications["Resource"] == [lake]
        and "s3:PutBucketNotification" in notifications["Action"]
    )
    authorized = json.loads(graph.one("t-redshift-namespace-policy").inputs["policy"])
    assert authorized["Statement"][0]["Condition"]["StringEquals"]["aws:SourceArn"] == lake


def test_redshift_can_use_an_existing_network_and_bucket(build: Build):
    network = {"vpc_id": "vpc-1", "subnet_ids": ["a", "b", "c"]}
    graph = build_lake(build, redshift=network, lake_bucket_arn="arn:aws:s3:::theirs")
    assert not graph.of("Vpc") and not graph.of("Subnet")
    assert graph.one("t-redshift-workgroup").inputs["subnetIds"] == ["a", "b", "c"]
    assert {each.name for each in graph.of("BucketPolicy")} == {"t-reports-policy"}


def test_the_redshift_sql_follows_the_schema_and_the_format(build: Build):
    graph = build_lake(build, redshift={}, format="parquet")
    copy = graph.outputs["copy"]
    bucket, role = graph.one("t-lake").outputs["bucket"], graph.one("t-redshift-role")
    assert f"FROM 's3://{bucket}/readings/'" in copy and role.outputs["arn"] in copy
    assert "FORMAT PARQUET" in copy and copy.endswith("AUTO ON")
    assert "FORMAT JSON 'auto' GZIP" in build_lake(build, redshift={}).outputs["copy"]
    with duckdb.connect() as database:
        database.execute(graph.outputs["table"])
        names = [row[0] for row in database.execute("DESCRIBE readings").fetchall()]
    columns = graph.one("t-table").inputs["storageDescriptor"]["columns"]
    assert names == [each["name"] for each in columns]


def test_string_columns_allow_four_bytes_per_character():
    schema = TelemetrySchema(SCHEMA)
    limits = {
        name: spec.get("max_length")
        for name, spec in schema.columns.items()
        if spec["type"] == "string"
    }
    sql = create_table(schema)
    for name, limit in limits.items():
        assert f'"{name}" VARCHAR({4 * limit if limit else 65535})' in sql


def test_quicksight_queries_athena_with_a_role_that_reads_this_lake(build: Build):
    graph = build_lake(build, quicksight={"principal_arn": READER})
    source = graph.one("t-quicksight-source").inputs
    athena = source["parameters"]["athena"]
    assert athena["workGroup"] == graph.one("t-workgroup").outputs["name"]
    assert athena["roleArn"] == graph.one("t-quicksight-role").outputs["arn"]
    lake, reports = (graph.one(f"t-{each}").outputs["arn"] for each in ("lake", "reports"))
    reads = {
        resource
        for each in grants(graph, "t-quicksight-policy")
        if "s3:GetObject" in each["Action"]
        for resource in each["Resource"]
    }
    assert reads == {f"{lake}/readings/*", f"{reports}/results/*"}


def test_only_one_principal_can_view_the_table_in_quicksight(build: Build):
    graph = build_lake(build, quicksight={"principal_arn": READER, "template_arn": TEMPLATE})
    kinds = ("source", "data", "dashboard")
    for resource in (graph.one(f"t-quicksight-{kind}") for kind in kinds):
        (permission,) = resource.inputs["permissions"]
        assert permission["principal"] == READER
        verbs = {action.split(":")[1] for action in permission["actions"]}
        assert not [verb for verb in verbs if verb.startswith(("Update", "Delete", "Create"))]
    data = graph.one("t-quicksight-data")
    assert graph.outputs["set"] == data.outputs["arn"]
    template = graph.one("t-quicksight-dashboard").inputs["sourceEntity"]["sourceTemplate"]
    (reference,) = template["dataSetReferences"]
    assert reference == {
        "dataSetArn": data.outputs["arn"],
        "dataSetPlaceholder": "readings",
    }
    (physical,) = data.inputs["physicalTableMaps"]
    columns = {each["name"]: each["type"] for each in physical["customSql"]["columns"]}
    assert columns["measured_at"] == "DATETIME" and columns["temperature"] == "DECIMAL"


def test_the_quicksight_api_accepts_the_dashboard(build: Build):
    graph = build_lake(build, quicksight={"principal_arn": READER})
    dashboard = graph.one("t-quicksight-dashboard").inputs
    assert dashboard["typeName"] == "AWS::QuickSight::Dashboard"
    state = json.loads(dashboard["desiredState"])
    assert state["Permissions"][0]["Principal"] == READER
    service = botocore.session.get_session().get_service_model("quicksight")
    call = service.operation_model("CreateDashboard").input_shape
    assert call is not None
    found = ParamValidator().validate(state, call)
    assert not found.has_errors(), found.generate_report()


def test_the_dashboard_uses_only_columns_of_the_data_set(build: Build):
    graph = build_lake(build, quicksight={"principal_arn": READER})
    state = json.loads(graph.one("t-quicksight-dashboard").inputs["desiredState"])
    (declared,) = state["Definition"]["DataSetIdentifierDeclarations"]
    data = graph.one("t-quicksight-data")
    assert declared == {"Identifier": "readings", "DataSetArn": data.outputs["arn"]}
    (physical,) = data.inputs["physicalTableMaps"]
    columns = {each["name"]: each["type"] for each in physical["customSql"]["columns"]}
    fields = list(parts(state["Definition"], "FieldId"))
    for kind, field in fields:
        column = field["Column"]
        assert column["DataSetIdentifier"] == "readings"
        assert columns[column["ColumnName"]] == COLUMN_TYPES[kind], field
    ids = [field["FieldId"] for _, field in fields]
    visuals = [visual["VisualId"] for _, visual in parts(state["Definition"], "VisualId")]
    for each in (ids, visuals):
        assert len(set(each)) == len(each) and all(re.fullmatch(r"[\w-]+", id_) for id_ in each)
    measures = {"measure-temperature", "measure-humidity", "measure-battery"}
    assert set(visuals) == {"rates", "devices"} | measures


def parts(tree: Any, key: str, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each part of a definition that has `key`, after the key of the part itself."""
    if isinstance(tree, dict):
        if key in tree:
            yield name, tree
        for inner, part in tree.items():
            yield from parts(part, key, inner)
    elif isinstance(tree, list):
        for part in tree:
            yield from parts(part, key, name)


def test_the_quicksight_query_counts_a_duplicate_record_once_and_omits_old_days():
    schema = TelemetrySchema(SCHEMA)
    columns = {name: spec["type"] for name, spec in schema.columns.items()}
    types = {"string": "VARCHAR", "int": "INTEGER", "bigint": "BIGINT", "double": "DOUBLE"}
    fields = ", ".join(f"{name} {types.get(type_, type_)}" for name, type_ in columns.items())
    with duckdb.connect() as database:
        database.execute("CREATE MACRO from_unixtime(seconds) AS to_timestamp(seconds)")
        database.execute("SET TimeZone = 'UTC'")
        database.execute('CREATE SCHEMA "db"')
        database.execute(
            f'CREATE TABLE "db"."readings" ({fields}, '
            "received_at BIGINT, late BOOLEAN, day VARCHAR)"
        )
        for reading, days in (("a", 0), ("a", 0), ("b", 2), ("c", 9)):
            database.execute(
                'INSERT INTO "db"."readings" (reading_id, measured_at, received_at, day) '
                "VALUES (?, 1700000000500, 1, CAST(current_date - CAST(? AS INTEGER) AS VARCHAR))",
                [reading, days],
            )
        found = database.execute(recent_query(schema, "db", 7))
        names = [each[0] for each in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert sorted(row["reading_id"] for row in rows) == ["a", "b"]
    assert str(rows[0]["measured_at"]) == "2023-11-14 22:13:20.500000"
    assert "received_at" not in names and "day" not in names


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"redshift": {"base_capacity": 9}},
            "redshift.base_capacity: is 9; it must be 4 or a multiple of 8",
        ),
        (
            {"redshift": {"base_capacity": 9.0}},
            "redshift.base_capacity: is 9; it must be 4 or a multiple of 8",
        ),
        (
            {"redshift": {"base_capacity": "8"}},
            "redshift.base_capacity: is '8'; it must be a whole number",
        ),
        (
            {"redshift": {"base_capacity": 1024}},
            "redshift.base_capacity: is 1024; it must be from 4 to 512 RPUs",
        ),
        (
            {"redshift": {"max_capacity": 4}},
            "redshift.max_capacity: is 4; it must not be below the `base_capacity` 8",
        ),
        (
            {"redshift": {"max_capacity": 520}},
            "redshift.max_capacity: is 520; it must be from 4 to 512 RPUs",
        ),
        (
            {"redshift": {"vpc_id": "v"}},
            "redshift.subnet_ids: is missing; it is required with `vpc_id`",
        ),
        (
            {"redshift": {"subnet_ids": ["a", "b", "c"]}},
            "redshift.vpc_id: is missing; it is required with `subnet_ids`",
        ),
        (
            {"redshift": {"vpc_id": "v", "subnet_ids": ["a"]}},
            "redshift.subnet_ids: must be subnets in three Availability Zones",
        ),
        (
            {"redshift": {"vpc_id": "v", "subnet_ids": "abc"}},
            "redshift.subnet_ids: is 'abc'; it must be a list",
        ),
        ({"redshift": {"password": "x"}}, "redshift.password: is not an argument; known are"),
        ({"redshift": True}, "redshift: is True; it must be a map of arguments"),
        ({"quicksight": {}}, "quicksight.principal_arn: is missing; it is required"),
        (
            {"quicksight": {"principal_arn": "arn:aws:iam::1:user/x"}},
            "quicksight.principal_arn: is 'arn:aws:iam::1:user/x'; it must be the ARN of a "
            "QuickSight user or group",
        ),
        (
            {"quicksight": {"principal_arn": NAMESPACE}},
            f"quicksight.principal_arn: is '{NAMESPACE}'; it must be the ARN of a "
            "QuickSight user or group",
        ),
        (
            {"quicksight": {"principal_arn": READER, "history_days": 0}},
            "quicksight.history_days: is 0; it must be from 1 to 365 days",
        ),
        (
            {"quicksight": {"principal_arn": READER, "history_day": 1}},
            "quicksight.history_day: is not an argument; did you mean `history_days`?",
        ),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, overrides: dict[str, Any], message: str
):
    with pytest.raises(ValueError, match="IngestionPipeline 't' has invalid arguments") as caught:
        build_lake(build, **overrides)
    assert message in str(caught.value)
