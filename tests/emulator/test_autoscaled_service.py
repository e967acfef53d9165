"""A service from its code: artefact, instances, name, versions that fail."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.emulator.services import get
from tests.emulator.tasks import PATIENCE
from tests.projects import PYTHON, write_project

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
