"""IAM: the permissions boundary of a role."""

from local.emulator.clients import Clients
from local.engine import lifecycle
from local.engine.context import Context

ELSEWHERE = "arn:aws:iam::123456789012:policy/of-the-account"
PROGRAM = f"""
import pulumi_aws as aws

def document(**more):
    statement = {{"Effect": "Allow", **more}}
    return json.dumps({{"Version": "2012-10-17", "Statement": [statement]}})

trust = document(Action="sts:AssumeRole", Principal={{"Service": "lambda.amazonaws.com"}})
boundary = aws.iam.Policy("boundary", policy=document(Action="s3:GetObject", Resource="*"))
aws.iam.Role("within", name="within", assume_role_policy=trust, permissions_boundary=boundary.arn)
aws.iam.Role("free", name="free", assume_role_policy=trust, permissions_boundary="{ELSEWHERE}")
"""


def test_a_role_has_a_boundary_that_is_in_the_stack(deploy):
    reports = []
    cloud = deploy(PROGRAM, listen=reports.append)
    iam = cloud.client("iam")
    policy = next(each for each in cloud.resources if each.name == "boundary").outputs["arn"]
    found = iam.get_role(RoleName="within")["Role"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == policy
    assert "PermissionsBoundary" not in iam.get_role(RoleName="free")["Role"]
    said = [each["message"] for each in reports if each["event"] == "not_emulated"]
    assert any(ELSEWHERE in each for each in said)


def test_a_boundary_is_changed_in_place(deploy):
    cloud = deploy(PROGRAM)
    role = next(each for each in cloud.resources if each.name == "within")
    context = Context(
        type=role.type,
        name=role.name,
        urn=role.urn,
        region="us-east-1",
        clients=Clients(cloud.endpoint, cloud.emulator.secret),
        default_tags={},
        note=lambda _message: None,
        serve=lambda _address, _here: None,
    )
    key, iam = "permissionsBoundary", cloud.client("iam")
    without = {name: value for name, value in role.inputs.items() if name != key}
    lifecycle.update(context, role.id, without, [key])
    assert "PermissionsBoundary" not in iam.get_role(RoleName="within")["Role"]
    lifecycle.update(context, role.id, role.inputs, [key])
    assert "PermissionsBoundary" in iam.get_role(RoleName="within")["Role"]
