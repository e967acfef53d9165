"""Every resource type can be deleted; inputs change in place, replace or are refused."""

import importlib
import pkgutil

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from local import creators
from local.cloud import Cloud, Resource
from local.emulator.clients import Clients
from local.engine import lifecycle, registry
from local.engine.context import Context
from tests.projects import copy_program

PROGRAMS = (
    *((name, {}) for name in ("every_type", "api_types", "edge_types", "data_types")),
    ("service_types", {}),
    ("stores", {}),
    ("stores", {"engine": "aurora"}),
)
"""Each program with its settings."""
WITH_OWNER = {"aws:apigateway/restApiPolicy:RestApiPolicy"}
"""Types that no program has. There is nothing to delete for them."""


def every_type() -> set[str]:
    for each in pkgutil.iter_modules(creators.__path__):
        importlib.import_module(f"{creators.__name__}.{each.name}")
    return set(registry.TYPES)


def context(type_: str, region: str, clients: Clients) -> Context:
    return Context(
        type=type_,
        name="name",
        urn="urn",
        region=region,
        clients=clients,
        default_tags={},
        note=lambda message: pytest.fail(message),
        serve=lambda _address, _here: None,
    )


def delete(resource: Resource, clients: Clients) -> None:
    state = resource.inputs | resource.outputs
    lifecycle.delete(context(resource.type, state["region"], clients), resource.id, state)


def protected(resource: Resource) -> bool:
    return bool(resource.inputs.get("deletionProtectionEnabled"))


@pytest.fixture(scope="module")
def deleted(tmp_path_factory) -> dict[str, str]:
    """The types of the deleted resources of all programs, with the error of each or nothing."""
    found: dict[str, str] = {}
    for program, overrides in PROGRAMS:
        folder = copy_program(program, tmp_path_factory.mktemp(program))
        with Cloud(program=folder, overrides=overrides) as cloud:
            clients = Clients(cloud.endpoint, cloud.emulator.secret)
            for each in reversed(cloud.resources):
                if each.type.startswith("aws:") and not protected(each):
                    found.setdefault(each.type, "")
                    try:
                        delete(each, clients)
                    except (BotoCoreError, ClientError) as error:
                        found[each.type] = str(error)
    return found


def test_every_type_is_deleted_without_an_error(deleted):
    assert {kind: error for kind, error in deleted.items() if error} == {}


def test_no_type_is_without_a_test(deleted):
    assert every_type() - deleted.keys() == WITH_OWNER
    assert {registry.TYPES[kind].delete for kind in WITH_OWNER} == {registry.with_owner}


@pytest.mark.parametrize(
    ("type_", "keys", "replaced"),
    [
        ("aws:sqs/queue:Queue", ["delaySeconds", "name"], ["name"]),
        ("aws:sqs/queue:Queue", ["delaySeconds", "region"], ["region"]),
        ("aws:s3/bucketPolicy:BucketPolicy", ["policy"], []),
        ("aws:lambda/permission:Permission", ["principal"], ["principal"]),
        ("aws:kinesis/stream:Stream", ["shardCount"], []),
        ("aws:schemas/registry:Registry", ["name"], []),
    ],
)
def test_which_changes_replace_a_resource(type_, keys, replaced):
    assert lifecycle.replacing(type_, keys) == replaced


@pytest.mark.parametrize(
    ("type_", "key", "file"),
    [
        ("aws:kinesis/stream:Stream", "shardCount", "local/creators/kinesis.py"),
        ("aws:iam/role:Role", "maxSessionDuration", "local/creators/iam.py"),
    ],
)
def test_an_unsupported_change_is_refused_and_names_the_file_to_extend(type_, key, file):
    nowhere = context(type_, "us-east-1", Clients("http://127.0.0.1:1", ""))
    with pytest.raises(ValueError, match=f"cannot change {key} of the type {type_}; .*{file}"):
        lifecycle.update(nowhere, "id", {}, [key])


def test_only_versions_are_outputs_that_a_preview_of_an_update_does_not_know():
    every_type()
    found = {kind for kind in registry.TYPES if lifecycle.volatile(kind)}
    assert found == {
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:lambda/function:Function",
    }
