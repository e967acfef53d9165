"""A service from its code: image pushed by the function, tasks, name, versions that fail."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.emulator.services import get
from tests.projects import copy_program


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    project = copy_program("containers", tmp_path_factory.mktemp("containers"))
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
