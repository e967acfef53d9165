"""A service from its code: image pushed by the function, tasks, name, versions that fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud import Cloud
from tests.emulator.services import get
from tests.projects import PYTHON, write_project

PROGRAM = f"""
import platform

import pulumi

from components import ContainerService, Network

network = Network(
    "net",
    {{
        "egress": "public",
        "zone_count": 2,
        "private_zone_name": "services.internal",
        "load_balancer": {{"deletion_protection": False}},
    }},
)
arm = platform.machine() in ("arm64", "aarch64")
settings = {{
    "network": network.placement(),
    "load_balancer": network.load_balancer(),
    "python": "{PYTHON}",
    "architecture": "arm64" if arm else "x86_64",
    "start_seconds": 10,
}}


def domain(name: str) -> dict:
    return {{"name": f"{{name}}.services.internal", "zone_id": network.private_zone_id}}


catalogue = ContainerService(
    "catalogue",
    {{
        **settings,
        "code": "catalogue",
        "domain": domain("catalogue"),
        "deployment": {{"strategy": "canary", "percent": 10, "bake_minutes": 1}},
    }},
)
caller = ContainerService(
    "caller",
    {{
        **settings,
        "code": "caller",
        "domain": domain("caller"),
        "min_tasks": 1,
        "calls": [catalogue.grant_call()],
    }},
)
pulumi.export("catalogue", catalogue.url)
pulumi.export("caller", caller.url)
pulumi.export("image", catalogue.image)
pulumi.export("role", catalogue.task_role_arn)
"""
CATALOGUE = """
import json
import os

import boto3


def handler(event, context):
    answer = {"pid": os.getpid(), "path": event["path"]}
    if event["path"] == "/identity":
        answer["arn"] = boto3.client("sts").get_caller_identity()["Arn"]
    return {"statusCode": 200, "body": json.dumps(answer)}
"""
CALLER = """
import os
from urllib.request import urlopen


def handler(event, context):
    with urlopen(os.environ["CATALOGUE_URL"] + "/products/1") as answer:
        return {"statusCode": 200, "body": answer.read().decode()}
"""


def write(folder: Path, name: str, source: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "app.py").write_text(source)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    project = write_project(tmp_path_factory.mktemp("services"))
    (project / "__main__.py").write_text(PROGRAM)
    write(project, "catalogue", CATALOGUE)
    write(project, "caller", CALLER)
    with Cloud(program=project) as running:
        yield running


def test_the_name_of_the_service_answers(cloud: Cloud):
    # At once: the program waits until the tasks are healthy.
    status, answer = get(cloud.outputs["catalogue"], "/products/1")
    assert (status, answer["path"]) == (200, "/products/1")


def test_tasks_have_the_role_of_the_service(cloud: Cloud):
    arn = get(cloud.outputs["catalogue"], "/identity")[1]["arn"]
    assert arn.split("/")[1] == cloud.outputs["role"].split("/")[1]


def test_a_service_calls_another_one_by_its_name(cloud: Cloud):
    assert get(cloud.outputs["caller"])[1]["path"] == "/products/1"


def test_the_image_is_in_the_repository(cloud: Cloud):
    name, _at, digest = cloud.outputs["image"].rpartition("@")
    found = cloud.client("ecr").describe_images(
        repositoryName=name.partition("/")[2], imageIds=[{"imageDigest": digest}]
    )["imageDetails"]
    assert len(found) == 1 and len(found[0]["imageTags"]) == 1
