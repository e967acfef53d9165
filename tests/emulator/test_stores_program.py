"""A program with a database and a cache: logins, schema, and a function that uses both."""

import json
from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.projects import copy_program


@pytest.fixture(scope="module", params=["rds", "aurora"])
def stores(request, tmp_path_factory) -> Iterator[Cloud]:
    folder = copy_program("stores", tmp_path_factory.mktemp("stores"))
    stack = folder / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text() + f"  sample:engine: {request.param}\n")
    with Cloud(program=folder) as cloud:
        yield cloud


def invoke(cloud: Cloud, name: str, event: dict) -> dict:
    answer = cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def named(cloud: Cloud, kind: str, name: str):
    return next(e for e in cloud.resources if e.type.endswith(f":{kind}") and e.name == name)


def event(cloud: Cloud) -> dict:
    return json.loads(named(cloud, "Invocation", "ledger-migration").inputs["input"])


def test_a_function_uses_the_database_and_the_cache_with_its_role(stores):
    answer = invoke(stores, stores.outputs["function"], {"key": "a"})
    assert "errorMessage" not in answer, answer
    assert answer["rows"] == [{"key": "a", "amount": 7, "number": 1}]
    assert answer["cached"] == "seven"
    assert answer["total"] == "7"


def test_a_login_changes_no_schema_and_sees_no_table_of_the_migrations(stores):
    assert invoke(stores, stores.outputs["function"], {"key": "a"})["refused"] == ["42501", "42501"]


def test_neither_state_nor_logs_contain_the_password(stores):
    found = stores.client("secretsmanager").get_secret_value(SecretId=stores.outputs["secretArn"])
    password = json.loads(found["SecretString"])["password"]
    state = json.dumps([[e.inputs, e.outputs] for e in stores.resources], default=str)
    assert len(password) > 8
    assert password not in state
    assert password not in stores.emulator.function_logs.read_text()
    assert password not in stores.emulator.server_log.read_text()


def test_a_second_run_applies_nothing(stores):
    name = named(stores, "Function", "ledger-migrate").outputs["name"]
    assert invoke(stores, name, event(stores)) == {"logins": ["app", "reports"], "applied": []}
