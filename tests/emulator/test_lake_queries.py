"""Athena reads JSON by the table's columns, the partitions it needs, and counts the bytes."""

import json

import pytest

from tests.emulator.cloud import allow, until
from tests.emulator.lake import Lake

DAYS = {"2026-01-01": [{"a": 1}, {"a": 2}], "2026-01-02": [{"a": 3}]}


def table(cloud, limit=None):
    """Create table `t` with columns `a` and `b`; no file has `b`. Return the sizes by day."""
    lake = Lake(cloud)
    sizes = {}
    for day, rows in DAYS.items():
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        lake.s3.put_object(Bucket="lake", Key=f"t/day={day}/x.json", Body=body)
        sizes[day] = len(body)
    glue = cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": "d"})
    columns = [{"Name": "a", "Type": "bigint"}, {"Name": "b", "Type": "double"}]
    serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}
    storage = {"Columns": columns, "Location": "s3://lake/t/", "SerdeInfo": serde}
    keys = [{"Name": "day", "Type": "string"}]
    given = {"Name": "t", "StorageDescriptor": storage, "PartitionKeys": keys}
    glue.create_table(DatabaseName="d", TableInput=given)
    settings = {"ResultConfiguration": {"OutputLocation": "s3://lake/results/"}}
    if limit:
        settings["BytesScannedCutoffPerQuery"] = limit
    cloud.client("athena").create_work_group(Name="w", Configuration=settings)
    return sizes


def ask(cloud, sql, *parameters, client=None):
    athena = client or cloud.client("athena")
    more = {"ExecutionParameters": list(parameters)} if parameters else {}
    started = athena.start_query_execution(
        QueryString=sql, WorkGroup="w", QueryExecutionContext={"Database": "d"}, **more
    )["QueryExecutionId"]
    execution = until(lambda: _ended(athena, started))
    if execution["Status"]["State"] != "SUCCEEDED":
        return execution, []
    rows = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
    return execution, [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows[1:]]


def _ended(athena, id_):
    execution = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
    return execution if execution["Status"]["State"] not in ("QUEUED", "RUNNING") else None


def test_a_column_that_no_file_has_is_null(cloud):
    table(cloud)
    _, rows = ask(cloud, "SELECT a, b FROM t ORDER BY a")
    assert rows == [["1", None], ["2", None], ["3", None]]


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ("", ["2026-01-01", "2026-01-02"]),
        ("WHERE day = '2026-01-02'", ["2026-01-02"]),
        ("WHERE day BETWEEN '2025-12-31' AND '2026-01-01'", ["2026-01-01"]),
    ],
)
def test_only_the_selected_partitions_are_read_and_counted(cloud, condition, days):
    sizes = table(cloud)
    execution, rows = ask(cloud, f"SELECT a FROM t {condition}")
    assert len(rows) == sum(len(DAYS[day]) for day in days)
    assert execution["Statistics"]["DataScannedInBytes"] == sum(sizes[day] for day in days)


def test_parameters_replace_question_marks(cloud):
    table(cloud)
    _, rows = ask(cloud, "SELECT a, '?' AS q FROM t WHERE day = ? AND a > ?", "'2026-01-01'", "1")
    assert rows == [["2", "?"]]


def test_the_workgroups_limit_stops_a_query(cloud):
    table(cloud, limit=10_000_000)
    key = "t/day=2026-01-01/large.json"
    cloud.client("s3").put_object(Bucket="lake", Key=key, Body=b" " * 10_000_000)
    execution, _ = ask(cloud, "SELECT a FROM t")
    assert execution["Status"]["State"] == "CANCELLED"
    assert "scanned limit" in execution["Status"]["StateChangeReason"]
    execution, rows = ask(cloud, "SELECT a FROM t WHERE day = '2026-01-02'")
    assert rows == [["3"]]


def test_stock_fails_on_the_column_and_takes_no_parameters(stock):
    table(stock)
    assert ask(stock, "SELECT b FROM t")[0]["Status"]["State"] == "FAILED"
    sql = "SELECT a FROM t WHERE day = ?"
    assert ask(stock, sql, "'2026-01-01'")[0]["Status"]["State"] == "FAILED"


def role_for(cloud, workgroup):
    """Return an Athena client of a role for one workgroup."""
    arn = f"arn:aws:athena:us-east-1:000000000000:workgroup/{workgroup}"
    iam, name = cloud.client("iam"), f"for-{workgroup}"
    iam.create_user(UserName=name)
    actions = [
        f"athena:{action}"
        for action in ("StartQueryExecution", "GetQueryExecution", "GetQueryResults")
    ]
    document = {"Version": "2012-10-17", "Statement": [allow(actions, arn)]}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return cloud.client(
        "athena",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
