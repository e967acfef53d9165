"""Database: its server, access and arguments."""

import json
from pathlib import Path

import pulumi
import pytest

from components import Database
from components._blocks.arguments import ArgumentsError
from tests.conftest import Build, Built
from tests.projects import PYTHON

FUNCTIONS = {"python": PYTHON}
NETWORK = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    (tmp_path / "0001_accounts.sql").write_text("CREATE TABLE accounts (id text);")
    (tmp_path / "0002_more.sql").write_text("SELECT 1;")
    return tmp_path


def database(build: Build, **args) -> Built:
    def program() -> None:
        made = Database("ledger", {"network": NETWORK, "functions": FUNCTIONS, **args})
        grant = made.grant_login((args.get("logins") or ["app"])[0])
        pulumi.export("variables", sorted(grant["environment"]))
        pulumi.export("user", grant["environment"]["DATABASE_USER"])
        pulumi.export("statements", grant["statements"])
        pulumi.export("groups", grant["security_group_ids"])
        pulumi.export("resource", made.resource_id)

    return build(program)


def event(graph: Built) -> dict:
    return json.loads(graph.one("ledger-migration", "Invocation").inputs["input"])


def test_an_instance_is_encrypted_private_protected_and_has_no_password(build: Build):
    inputs = database(build).one("ledger-instance").inputs
    wanted = {
        "engine": "postgres",
        "engineVersion": "18",
        "storageEncrypted": True,
        "publiclyAccessible": False,
        "iamDatabaseAuthenticationEnabled": True,
        "manageMasterUserPassword": True,
        "multiAz": True,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "deleteAutomatedBackups": False,
        "copyTagsToSnapshot": True,
        "backupRetentionPeriod": 14,
        "autoMinorVersionUpgrade": True,
        "performanceInsightsEnabled": True,
    }
    assert {key: inputs[key] for key in wanted} == wanted
    assert not {"password", "passwordWo"} & inputs.keys()
    assert inputs["finalSnapshotIdentifier"] == f"{inputs['identifier']}-final"


def test_a_stack_without_retained_data_can_be_deleted(build: Build):
    inputs = database(build, retain_data=False, standby=False).one("ledger-instance").inputs
    assert (inputs["deletionProtection"], inputs["skipFinalSnapshot"]) == (False, True)
    assert inputs["deleteAutomatedBackups"] is True
    assert inputs["multiAz"] is False
    assert "finalSnapshotIdentifier" not in inputs


def test_connections_without_tls_are_refused(build: Build):
    parameters = database(build).one("ledger-parameters").inputs
    assert parameters["family"] == "postgres18"
    assert parameters["parameters"] == [{"name": "rds.force_ssl", "value": "1"}]


def test_exported_logs_have_groups_with_a_retention(build: Build):
    graph = database(build, log_retention_days=7)
    inputs = graph.one("ledger-instance").inputs
    groups = {
        each.inputs["name"]: each.inputs for each in graph.of("LogGroup") if "name" in each.inputs
    }
    for kind in inputs["enabledCloudwatchLogsExports"]:
        group = groups[f"/aws/rds/instance/{inputs['identifier']}/{kind}"]
        assert group["retentionInDays"] == 7


def test_aurora_grows_between_its_capacities_and_has_a_reader(build: Build):
    graph = database(build, engine="aurora", min_capacity=0, max_capacity=8)
    cluster = graph.one("ledger-cluster").inputs
    assert cluster["serverlessv2ScalingConfiguration"] == {"minCapacity": 0, "maxCapacity": 8}
    assert (cluster["storageEncrypted"], cluster["deletionProtection"]) == (True, True)
    members = graph.of("ClusterInstance")
    assert [each.inputs["instanceClass"] for each in members] == ["db.serverless"] * 2
    assert [each.inputs["promotionTier"] for each in members] == [0, 1]
    assert not any(each.inputs["publiclyAccessible"] for each in members)
    alone = database(build, engine="aurora", standby=False)
    assert len(alone.of("ClusterInstance")) == 1


def test_only_clients_reach_the_database(build: Build):
    graph = database(build)
    group, clients = graph.one("ledger-group").id, graph.one("ledger-clients").id
    (ingress,) = graph.of("SecurityGroupIngressRule")
    (egress,) = graph.of("SecurityGroupEgressRule")
    assert ingress.inputs["securityGroupId"] == group
    assert ingress.inputs["referencedSecurityGroupId"] == clients
    assert egress.inputs["securityGroupId"] == clients
    assert egress.inputs["referencedSecurityGroupId"] == group
    assert {each.inputs["fromPort"] for each in (ingress, egress)} == {5432}
    assert graph.one("ledger-instance").inputs["vpcSecurityGroupIds"] == [group]


def test_a_login_is_granted_for_one_user_of_one_database(build: Build):
    graph = database(build, logins=["writer", "reader"])
    assert graph.outputs["user"] == "writer"
    assert graph.outputs["variables"] == [
        *("DATABASE_HOST", "DATABASE_NAME", "DATABASE_PORT", "DATABASE_USER")
    ]
    assert graph.outputs["groups"] == [graph.one("ledger-clients").id]
    (statement,) = graph.outputs["statements"]
    assert statement["actions"] == ["rds-db:connect"]
    (resource,) = statement["resources"]
    assert resource.startswith("arn:aws:rds-db:us-east-1:")
    assert resource.endswith(f":dbuser:{graph.outputs['resource']}/writer")


def test_a_login_that_does_not_exist_is_not_granted(build: Build):
    def program() -> None:
        Database("ledger", {"network": NETWORK, "functions": FUNCTIONS}).grant_login("ledger")

    with pytest.raises(
        ValueError, match="'ledger' is not one of the `logins` of the database: app"
    ):
        build(program)


def test_the_function_in_the_vpc_reads_no_secret_and_the_other_one_is_outside(build: Build):
    graph = database(build)
    inside, outside = graph.one("ledger-apply"), graph.one("ledger-migrate")
    assert inside.inputs["vpcConfig"]["securityGroupIds"] == [graph.one("ledger-clients").id]
    assert "vpcConfig" not in outside.inputs
    policies = {each.name: each.inputs["policy"] for each in graph.of("RolePolicy")}
    assert "secretsmanager" not in policies["ledger-apply-policy"]
    assert "secretsmanager:GetSecretValue" in policies["ledger-migrate-policy"]


def test_each_migration_that_is_added_runs_the_function_again(build: Build, schema: Path):
    before = event(database(build, migrations=str(schema)))
    assert list(before["migrations"]) == ["0001_accounts.sql", "0002_more.sql"]
    assert before["logins"] == ["app"]
    (schema / "0003_again.sql").write_text("SELECT 2;")
    after = event(database(build, migrations=str(schema)))
    assert after["migrations"].items() > before["migrations"].items()
    assert event(database(build, migrations=str(schema), logins=["app", "b"]))["logins"] != ["app"]


def test_what_runs_out_rings_an_alarm(build: Build):
    topic = {"alarm_topic_arn": "arn:aws:sns:us-east-1:000000000000:alarms"}
    alarms = {each.name: each.inputs for each in database(build, **topic).of("MetricAlarm")}
    assert alarms["ledger-storage"]["comparisonOperator"] == "LessThanThreshold"
    assert alarms["ledger-storage"]["threshold"] == 2 * 2**30
    assert {"ledger-cpu", "ledger-storage", "ledger-apply-errors"} <= alarms.keys()
    aurora = database(build, engine="aurora", **topic)
    assert "ledger-capacity" in {each.name for each in aurora.of("MetricAlarm")}
    assert all(each["alarmActions"] for each in alarms.values())


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({"network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}}, "network.subnet_ids: has 1"),
        ({"engine": "mysql"}, "engine: is 'mysql'; it must be one of 'rds', 'aurora'"),
        ({"version": "9"}, "version: is '9'"),
        ({"min_capacity": 1}, "min_capacity: is not for the engine `rds`"),
        ({"engine": "aurora", "storage": 20}, "storage: is not for the engine `aurora`"),
        ({"engine": "aurora", "instance_class": "db.t4g.micro"}, "instance_class: is not for"),
        ({"storage": 200}, "storage: is 200; it must be at most `max_storage` (100)"),
        (
            {"engine": "aurora", "min_capacity": 5},
            "min_capacity: is 5; it must be at most `max_capacity` (4)",
        ),
        ({"logins": []}, "logins: is empty"),
        ({"logins": ["app", "app"]}, "logins: has a role twice"),
        ({"logins": ["manager"]}, "logins[0]: is 'manager', a reserved name"),
        ({"logins": ["rdsadmin"]}, "logins[0]: is 'rdsadmin', a reserved name"),
        ({"logins": ["App-1"]}, "logins[0]: is 'App-1'"),
        ({"database_name": "1st"}, "database_name: is '1st'"),
        ({"backup_retention_days": 0}, "backup_retention_days: is 0"),
        ({"maintenance_window": "sunday"}, "maintenance_window: is 'sunday'"),
        ({"migrations": "nowhere"}, "migrations: is 'nowhere', which is not a folder"),
    ],
)
def test_bad_arguments_are_told_by_name(build: Build, args, problem):
    with pytest.raises(ArgumentsError) as raised:
        database(build, **args)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("notes.txt", b"x", "has 'notes.txt'; a name must be like"),
        ("0001_other.sql", b"SELECT 1", "has two files with the number 0001"),
        ("0003_empty.sql", b" \n", "has '0003_empty.sql', which is empty"),
        ("0003_bytes.sql", b"\xff", "which is not text in UTF-8"),
    ],
)
def test_a_file_that_is_no_migration_is_told_at_preview(build, schema, name, content, problem):
    (schema / name).write_bytes(content)
    with pytest.raises(ArgumentsError) as raised:
        database(build, migrations=str(schema))
    assert str(raised.value).count("migrations: has ") == 1
    assert problem in str(raised.value)


def test_a_folder_without_migrations_is_told(build: Build, tmp_path: Path):
    with pytest.raises(ArgumentsError, match="which has no files"):
        database(build, migrations=str(tmp_path))


@pytest.mark.parametrize("name", ["a" * 27, "ledger_1", "1ledger", "ledger-"])
def test_a_name_that_aws_would_refuse_is_told(build: Build, name: str):
    with pytest.raises(ArgumentsError, match="name: is"):
        build(lambda: Database(name, {"network": NETWORK}))
