"""AutoscaledService: instances, permissions, refreshes and arguments."""

import base64
import json
from pathlib import Path

import pulumi
import pytest

from components import AutoscaledService, Network
from components._blocks.access import call
from components.autoscaled_service.boot import settings_of
from tests.conftest import Build, Built
from tests.projects import PYTHON

MOUNT = {
    "file_system_arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1",
    "access_point_arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1",
    "path": "/mnt/files",
    "security_group_id": "sg-files",
}


@pytest.fixture
def code(tmp_path: Path) -> str:
    (tmp_path / "app.py").write_text("def handler(event, context): return {'statusCode': 200}\n")
    return str(tmp_path)


def service(build: Build, code: str, egress: str = "nat", **args) -> Built:
    def program() -> None:
        network = Network("net", {"zone_count": 2, "egress": egress})
        given = {"network": network.placement(), "code": code, "python": PYTHON, **args}
        made = AutoscaledService("ledger", given)
        pulumi.export("call", made.grant_call())

    return build(program)


def settings(graph: Built) -> dict:
    return settings_of(base64.b64decode(template(graph)["userData"]).decode())


def template(graph: Built) -> dict:
    return graph.one("ledger-template").inputs


def statements(graph: Built, name: str) -> dict[str, dict]:
    """Return the statements of a policy by their first action."""
    found = json.loads(graph.one(name).inputs["policy"])["Statement"]
    return {each["Action"][0]: each for each in found}


def test_metadata_need_tokens_volumes_are_encrypted_and_there_is_no_key_pair(
    build: Build, code: str
):
    graph = service(build, code)
    made = template(graph)
    assert made["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    [volume] = made["blockDeviceMappings"]
    assert (volume["ebs"]["encrypted"], volume["ebs"]["volumeType"]) == ("true", "gp3")
    assert "keyName" not in made
    [interface] = made["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert interface["securityGroups"] == [graph.one("ledger-group").id]


def test_the_ami_is_an_id_that_the_deployment_reads(build: Build, code: str):
    amis = {
        kind: template(service(build, code, architecture=kind))["imageId"]
        for kind in ("arm64", "x86_64")
    }
    assert all(each.startswith("ami-") for each in amis.values())
    assert amis["arm64"] != amis["x86_64"]
    pinned = service(build, code, ami_id="ami-0123456789abcdef0")
    assert template(pinned)["imageId"] == "ami-0123456789abcdef0"
    assert not [each for each in pinned.invokes if "ssm" in each.function]


def test_public_subnets_give_instances_an_address(build: Build, code: str):
    [interface] = template(service(build, code, egress="public"))["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "true"


def test_user_data_name_the_stored_artefact_and_the_environment(build: Build, code: str):
    table = {"environment": {"TABLE": "bookings"}}
    prices = call("prices", "http://prices", security_group_ids=["sg-prices"])
    graph = service(build, code, access=[table, prices], stop_timeout=50)
    stored, line = graph.one("ledger-code-archive").inputs, settings(graph)
    assert line["artefact"] == f"s3://{stored['bucket']}/{stored['key']}"
    assert line["command"] == ["python", "-m", "service_server", "app:handler"]
    assert line["environment"] == {
        "TABLE": "bookings",
        "PRICES_URL": "http://prices",
        "PORT": "8080",
        "HEALTH_PATH": "/health",
        "REQUEST_TIMEOUT": "30",
    }
    assert (line["stop_seconds"], line["log_group"]) == (50, graph.one("ledger-logs").id)
    [interface] = template(graph)["networkInterfaces"]
    assert interface["securityGroups"] == [graph.one("ledger-group").id, "sg-prices"]


def test_an_old_version_knows_its_end(build: Build, code: str):
    assert "SUNSET" not in settings(service(build, code))["environment"]
    graph = service(build, code, sunset="2027-06-30")
    assert settings(graph)["environment"]["SUNSET"] == "Wed, 30 Jun 2027 00:00:00 GMT"


def test_user_data_that_are_too_long_are_refused(build: Build, code: str):
    with pytest.raises(ValueError, match="pass less by the environment"):
        service(build, code, access=[{"environment": {"LONG": "x" * 12_000}}])


def test_the_role_has_only_what_the_instance_needs_and_is_granted(build: Build, code: str):
    granted = {"actions": ["dynamodb:GetItem"], "resources": ["arn:aws:dynamodb:::table/t"]}
    graph = service(build, code, access=[{"statements": [granted]}], mounts=[MOUNT])
    found = statements(graph, "ledger-instance-policy")
    assert list(found) == [
        "s3:GetObject",
        "logs:CreateLogStream",
        "ssm:UpdateInstanceInformation",
        "elasticfilesystem:ClientMount",
        "dynamodb:GetItem",
    ]
    assert [key for key, each in found.items() if "*" in each["Resource"]] == [
        "ssm:UpdateInstanceInformation"
    ]
    assert not graph.of("RolePolicyAttachment")


def test_a_mount_is_limited_to_its_access_point(build: Build, code: str):
    graph = service(build, code, mounts=[MOUNT, {**MOUNT, "path": "/srv/more", "read_only": True}])
    assert settings(graph)["mounts"][0] == {
        "file_system_id": "fs-1",
        "access_point_id": "fsap-1",
        "path": "/mnt/files",
    }
    allowed = [
        each
        for each in json.loads(graph.one("ledger-instance-policy").inputs["policy"])["Statement"]
        if each["Action"][0] == "elasticfilesystem:ClientMount"
    ]
    assert [each["Action"][1:] for each in allowed] == [["elasticfilesystem:ClientWrite"], []]
    for each in allowed:
        assert each["Resource"] == [MOUNT["file_system_arn"]]
        assert each["Condition"]["StringEquals"] == {
            "elasticfilesystem:AccessPointArn": MOUNT["access_point_arn"]
        }
    [interface] = template(graph)["networkInterfaces"]
    assert interface["securityGroups"][1:] == ["sg-files"]


def test_the_group_replaces_instances_with_healthy_ones_first(build: Build, code: str):
    graph = service(build, code, start_seconds=120, min_instances=3)
    made = graph.one("ledger-instances").inputs
    assert (made["minSize"], made["maxSize"], made["minElbCapacity"]) == (3, 4, 3)
    assert made["instanceMaintenancePolicy"] == {
        "minHealthyPercentage": 100,
        "maxHealthyPercentage": 150,
    }
    assert made["healthCheckType"] == "ELB"
    assert made["healthCheckGracePeriod"] == made["defaultInstanceWarmup"] == 120
    assert made["targetGroupArns"] == [graph.one("ledger-tg").outputs["arn"]]
    assert "instanceRefresh" not in made


def test_autoscaling_looks_at_the_cpu_and_at_requests_if_there_is_a_target(build: Build, code: str):
    assert [each.name for each in service(build, code).of("Policy")] == ["ledger-cpu"]
    graph = service(build, code, requests_per_minute=900)
    wanted = graph.one("ledger-requests").inputs["targetTrackingConfiguration"]
    assert wanted["targetValue"] == 900
    suffixes = [graph.one(name).outputs["arnSuffix"] for name in ("ledger-lb", "ledger-tg")]
    label = wanted["predefinedMetricSpecification"]["resourceLabel"]
    assert label == "/".join(suffixes)


def test_a_function_rolls_out_the_latest_version(build: Build, code: str):
    graph = service(build, code, bake_minutes=1)
    wanted = json.loads(graph.one("ledger-rollout").inputs["input"])
    assert wanted == {
        "group": graph.one("ledger-instances").id,
        "template": graph.one("ledger-template").id,
        "version": "1",
        "alarms": [graph.one("ledger-errors").id],
        "bake_seconds": 60,
    }
    assert graph.one("ledger-refresh").inputs["timeout"] == 900


def test_the_function_may_launch_only_its_template_with_only_its_role(build: Build, code: str):
    graph = service(build, code)
    found = statements(graph, "ledger-refresh-policy")
    group = graph.one("ledger-instances").outputs["arn"]
    assert found["autoscaling:RollbackInstanceRefresh"]["Resource"] == [group]
    launch = found["ec2:RunInstances"]["Condition"]
    arn = graph.one("ledger-template").outputs["arn"]
    assert launch == {"ArnEquals": {"ec2:LaunchTemplate": arn}}
    assert found["iam:PassRole"]["Resource"] == [graph.one("ledger-instance-role").outputs["arn"]]


def test_failed_refreshes_of_the_group_ring_an_alarm(build: Build, code: str):
    graph = service(build, code, alarm_topic_arn="arn:aws:sns:us-east-1:123456789012:alarms")
    rule, alarm = graph.one("ledger-failed-refreshes"), graph.one("ledger-refreshes").inputs
    pattern = json.loads(rule.inputs["eventPattern"])
    assert pattern["detail"] == {"AutoScalingGroupName": [graph.one("ledger-instances").id]}
    assert "EC2 Auto Scaling Instance Refresh Failed" in pattern["detail-type"]
    assert alarm["dimensions"] == {"RuleName": rule.outputs["name"]}
    assert alarm["alarmActions"] == ["arn:aws:sns:us-east-1:123456789012:alarms"]


def test_callers_become_clients_of_the_load_balancer(build: Build, code: str):
    graph = service(build, code)
    call = graph.outputs["call"]
    assert list(call["environment"]) == ["LEDGER_URL"]
    assert call["security_group_ids"] == [graph.one("ledger-clients").id]


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({"min_instances": 5, "max_instances": 2}, "min_instances: is 5; it must be at most"),
        ({"stop_timeout": 20}, "stop_timeout: is 20; it must be more than `request_timeout` (30)"),
        ({"request_timeout": 60}, "request_timeout: is 60"),
        ({"instance_type": "t3.micro"}, "instance_type: is 't3.micro', whose processors are x86"),
        ({"instance_type": "micro"}, "instance_type: is 'micro'; it must be a type"),
        ({"architecture": "x86_64", "instance_type": "c7gn.large"}, "whose processors are arm64"),
        ({"port": 80}, "port: is 80"),
        ({"health_path": "health"}, "health_path: is 'health'"),
        ({"start_seconds": 300, "bake_minutes": 5}, "start_seconds: is 300; with `bake_minutes`"),
        ({"mounts": [{**MOUNT, "path": "/etc"}]}, "mounts[0].path: is '/etc'"),
        (
            {"mounts": [MOUNT, {**MOUNT, "path": "/mnt/files/more"}]},
            "mounts[1].path: is '/mnt/files/more', which overlaps with '/mnt/files'",
        ),
        (
            {"access": [{"environment": {"PORT": "80"}}]},
            'access[0].environment["PORT"]: is set by `port`',
        ),
        (
            {"access": [{"environment": {"SUNSET": "2027-06-30"}}]},
            'access[0].environment["SUNSET"]: is set by `sunset`',
        ),
        ({"sunset": "June"}, "sunset: is 'June'; it must be a date such as '2027-06-30'"),
        ({"egress": "none"}, "network: has no way to write logs: add 'logs'"),
        ({"openapi": "paths: {}"}, "openapi: has no `paths`"),
        ({"internet_facing": True}, "domain: is missing"),
    ],
)
def test_bad_arguments_are_refused_by_name(build: Build, code: str, args: dict, problem: str):
    with pytest.raises(ValueError) as refusal:
        service(build, code, **args)
    assert problem in str(refusal.value)


@pytest.mark.parametrize("kind", ["t4g.micro", "m7gd.large", "c7gn.xlarge", "im4gn.large"])
def test_types_with_graviton_processors_are_for_arm64(build: Build, code: str, kind: str):
    assert template(service(build, code, instance_type=kind))["instanceType"] == kind


@pytest.mark.parametrize("kind", ["t3.micro", "g4dn.xlarge", "m7a.large", "c6i.large"])
def test_other_types_are_for_x86(build: Build, code: str, kind: str):
    graph = service(build, code, architecture="x86_64", instance_type=kind)
    assert template(graph)["instanceType"] == kind
