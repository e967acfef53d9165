"""Operations with the authorization AWS_IAM answer only callers whose role may invoke them."""

import json
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator.cloud import allow
from tests.emulator.gateway import call, deployed, document, echo, proxy

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
SCHEME = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


@pytest.fixture
def url(cloud) -> str:
    operation = {**proxy(echo(cloud)), "security": [{"iam": []}]}
    spec = document(
        {"/prices/{id}": {"get": operation}}, components={"securitySchemes": {"iam": SCHEME}}
    )
    return deployed(cloud, spec) + "/prices/7"


def credentials(cloud, name: str, *statements) -> Credentials:
    """Return the credentials of a session of a new role."""
    iam = cloud.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(ANYBODY))["Role"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    session = cloud.client("sts").assume_role(RoleArn=arn["Arn"], RoleSessionName="session")
    keys = session["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def signed(url: str, keys: Credentials, service: str = "execute-api") -> dict[str, str]:
    request = AWSRequest("GET", url)
    SigV4Auth(keys, service, "us-east-1").add_auth(request)
    return dict(request.headers)


def status(url: str, headers: dict[str, str]) -> int:
    return call(url, **headers).status


def test_a_role_with_the_permission_is_answered(cloud, url):
    invoke = allow("execute-api:Invoke", "arn:aws:execute-api:*:*:*/v1/GET/prices/*")
    answer = call(url, **signed(url, credentials(cloud, "ledger", invoke)))
    assert answer.status == 200
    assert answer.json["parameters"] == {"id": "7"}


@pytest.mark.parametrize(
    "resource",
    [None, "arn:aws:execute-api:*:*:*/v1/POST/prices/*", "arn:aws:execute-api:*:*:other/*"],
)
def test_a_role_without_the_permission_is_refused(cloud, url, resource):
    statements = [allow("execute-api:Invoke", resource)] if resource else []
    assert status(url, signed(url, credentials(cloud, "stranger", *statements))) == 403


def test_requests_without_a_valid_signature_are_refused(cloud, url):
    keys = credentials(cloud, "ledger", allow("execute-api:Invoke"))
    assert status(url, {}) == 403
    other = Credentials(keys.access_key, "x" * 40, keys.token)
    assert status(url, signed(url, other)) == 403
    assert status(url.replace("/7", "/8"), signed(url, keys)) == 403


def test_a_signature_for_another_service_is_refused(cloud, url):
    keys = credentials(cloud, "ledger", allow("execute-api:Invoke"))
    answer = call(url, **signed(url, keys, "s3"))
    assert answer.status == 403
    assert "scoped to correct service: 'execute-api'" in answer.json["message"]


def test_a_signature_of_ten_minutes_ago_is_refused(cloud, url):
    keys = credentials(cloud, "ledger", allow("execute-api:Invoke"))
    past = datetime.now(UTC) - timedelta(minutes=10)
    with mock.patch("botocore.auth.get_current_datetime", return_value=past.replace(tzinfo=None)):
        headers = signed(url, keys)
    assert status(url, headers) == 403
