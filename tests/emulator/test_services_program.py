"""A program with a service in containers and one on instances runs both."""

import base64
import json
from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.emulator.images import layer, push
from tests.emulator.services import SERVER, get
from tests.emulator.tasks import PATIENCE
from tests.emulator.test_creators_services import change, resource
from tests.projects import copy_program


@pytest.fixture(scope="module")
def services(tmp_path_factory) -> Iterator[Cloud]:
    folder = copy_program("services", tmp_path_factory.mktemp("services"))
    (folder / "server.py").write_text(SERVER)
    with Cloud(program=folder) as cloud:
        yield cloud


def answers(cloud: Cloud, service: str) -> dict:
    return until(lambda: get(cloud.outputs[service])[1], PATIENCE)


def ten(cloud: Cloud) -> list[dict]:
    return [answers(cloud, "ledger") for _ in range(10)]


def test_instances_answer_at_the_address_that_the_program_exports(services):
    answer = answers(services, "ledger")
    assert answer["version"] == "1"
    arn = get(services.outputs["ledger"], "/identity")[1]["arn"]
    assert arn.split("/")[1] == resource(services, "Role", "instance").id
    environment = get(services.outputs["ledger"], "/environment")[1]["environment"]
    assert environment["CATALOGUE"] == f"{services.outputs['catalogue']}/products"


def test_a_new_template_refreshes_the_instances(services):
    old = answers(services, "ledger")
    program = json.loads(
        base64.b64decode(resource(services, "LaunchTemplate", "ledger").inputs["userData"])
        .decode()
        .splitlines()[1]
        .removeprefix("# service: ")
    )
    program["environment"]["VERSION"] = "2"
    text = f"#!/bin/sh\n# service: {json.dumps(program)}\n"
    data = base64.b64encode(text.encode()).decode()
    number = change(services, "LaunchTemplate", "ledger", userData=data)["latestVersion"]
    template = {"id": resource(services, "LaunchTemplate", "ledger").id, "version": str(number)}
    change(services, "Group", "ledger", launchTemplate=template)

    def replaced() -> bool:
        seen = ten(services)
        versions = {each["version"] for each in seen}
        return versions == {"2"} and old["pid"] not in {each["pid"] for each in seen}

    until(replaced, PATIENCE)


def test_a_failed_deployment_fails_the_update(services):
    assert get(services.outputs["catalogue"])[0] == 503
    name = resource(services, "Repository", "catalogue").id
    image = push(services.client("ecr"), name, layer(server__py=SERVER), tag="live")
    change(services, "Service", "catalogue", desiredCount=1)
    good = answers(services, "catalogue")
    assert good["version"] == "1"
    container = {"name": "app", "image": image}
    broken = [{"name": "FAULT", "value": "exit"}, {"name": "VERSION", "value": "2"}]
    definition = services.client("ecs").register_task_definition(
        family="catalogue", containerDefinitions=[{**container, "environment": broken}]
    )["taskDefinition"]["taskDefinitionArn"]
    with pytest.raises(ValueError, match=r"deployment of the service .* failed: .*circuit breaker"):
        change(services, "Service", "catalogue", desiredCount=1, taskDefinition=definition)
    assert answers(services, "catalogue") == good
