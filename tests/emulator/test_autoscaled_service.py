"""A service from its code: artefact, instances, name, versions that fail."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.emulator.services import Load, get
from tests.emulator.tasks import PATIENCE
from tests.emulator.test_creators_services import change, resource
from tests.projects import PYTHON, write_project

MARK = "# service: "
PROGRAM = f"""
import platform

import pulumi

from components import AutoscaledService, Network

network = Network(
    "net",
    {{"zone_count": 2, "interface_endpoints": ["logs"], "private_zone_name": "services.internal"}},
)
arm = platform.machine() in ("arm64", "aarch64")
ledger = AutoscaledService(
    "ledger",
    {{
        "network": network.placement(),
        "code": "ledger",
        "python": "{PYTHON}",
        "architecture": "arm64" if arm else "x86_64",
        "domain": {{"name": "ledger.services.internal", "zone_id": network.private_zone_id}},
        "deletion_protection": False,
        "bake_minutes": 0,
    }},
)
pulumi.export("url", ledger.url)
pulumi.export("role", ledger.instance_role_arn)
pulumi.export("group", ledger.group_name)
"""
CODE = """
import json, os
VERSION = "1"
def handler(event, context):
    import boto3
    if event["path"] == "/identity":
        return answer({"arn": boto3.client("sts").get_caller_identity()["Arn"]})
    return answer({"version": VERSION, "pid": os.getpid()})

def answer(body):
    return {"statusCode": 200, "body": json.dumps(body)}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Cloud]:
    folder = write_project(tmp_path_factory.mktemp("instances"))
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "ledger").mkdir()
    (folder / "ledger" / "app.py").write_text(CODE)
    with Cloud(program=folder) as cloud:
        yield cloud


def test_instances_serve_the_handler_with_the_role_of_the_service(service):
    url = service.outputs["url"]
    answer = until(lambda: get(url)[1], PATIENCE)
    assert answer["version"] == "1"
    arn = get(url, "/identity")[1]["arn"]
    assert arn.split("/")[1] == service.outputs["role"].rpartition("/")[2]


def test_a_new_version_replaces_the_instances_without_a_failed_request(service):
    before = ids(service)
    with Load(service.outputs["url"]) as load:
        number = release(service, 'VERSION = "2"')
        assert rollout(service, number) == {"status": "Successful"}
    assert set(load.statuses()) == {200}
    assert until(lambda: get(service.outputs["url"])[1], PATIENCE)["version"] == "2"
    assert not before & ids(service)
    assert rollout(service, number) == {"status": "UpToDate"}


def test_a_version_that_cannot_start_is_rolled_back_and_fails_the_update(service):
    before, version = ids(service), get(service.outputs["url"])[1]["version"]
    with Load(service.outputs["url"]) as load:
        failed = rollout(service, release(service, 'raise RuntimeError("broken")'))
    assert failed["errorType"] == "RefreshError"
    assert "RollbackSuccessful" in failed["errorMessage"]
    assert "did not become healthy" in failed["errorMessage"]
    assert set(load.statuses()) == {200} and set(load.versions()) == {version}
    assert ids(service) == before


def test_a_healthy_version_that_answers_with_errors_is_rolled_back(service):
    version = get(service.outputs["url"])[1]["version"]
    broken = release(service, "def answer(body):\n    raise RuntimeError")
    with Load(service.outputs["url"]) as load:
        failed = rollout(service, broken, bake_seconds=1800)
    assert "alarm" in failed["errorMessage"]
    assert load.statuses().keys() == {200, 502} and set(load.versions()) == {version, None}
    assert get(service.outputs["url"])[1]["version"] == version


def ids(service: Cloud) -> set[str]:
    """Return the IDs of the instances."""
    group = service.outputs["group"]
    found = service.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[group]
    )
    return {each["InstanceId"] for each in found["AutoScalingGroups"][0]["Instances"]}


def release(service: Cloud, line: str) -> str:
    """Make a version of the template whose code ends with a line, and return its number."""
    template = resource(service, "LaunchTemplate", "ledger-template")
    head, mark, rest = base64.b64decode(template.inputs["userData"]).decode().partition(MARK)
    text, newline, boot = rest.partition("\n")
    settings = json.loads(text)
    bucket, _slash, key = settings["artefact"].removeprefix("s3://").partition("/")
    s3 = service.client("s3")
    archive = changed(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), line)
    digest = hashlib.sha256(archive).hexdigest()
    s3.put_object(Bucket=bucket, Key=f"{digest}.zip", Body=archive)
    settings |= {"artefact": f"s3://{bucket}/{digest}.zip", "sha256": digest}
    data = f"{head}{mark}{json.dumps(settings)}{newline}{boot}".encode()
    made = change(
        service, "LaunchTemplate", "ledger-template", userData=base64.b64encode(data).decode()
    )
    return str(made["latestVersion"])


def changed(archive: bytes, line: str) -> bytes:
    """Return the archive with other code, and without the bytecode of the code before."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(result, "w") as new:
        for each in old.infolist():
            if not each.filename.removeprefix("__pycache__/").startswith("app."):
                new.writestr(each, old.read(each))
        new.writestr("app.py", f"{CODE}\n{line}\n")
    return result.getvalue()


def rollout(service: Cloud, version: str, **settings: object) -> dict:
    """Invoke the function as the stack does when the template has a new version."""
    invocation = resource(service, "Invocation", "ledger-rollout").inputs
    event = {**json.loads(invocation["input"]), "version": version, **settings}
    answer = service.client("lambda").invoke(
        FunctionName=invocation["functionName"], Payload=json.dumps(event)
    )
    return json.loads(answer["Payload"].read())
