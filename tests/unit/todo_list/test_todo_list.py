"""TodoList: a table, an API over it, and users who reach only what is theirs."""

import json
from typing import Any

import pytest

from components.serverless_api.user_folder import FOLDER
from components.todo_list import TodoList
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.conftest import statements

DOCUMENT = (ROOT / "apis" / "todo.yaml").read_text()


@pytest.fixture
def args() -> dict[str, Any]:
    return {
        "openapi": DOCUMENT,
        "site_url": "https://todo.example.com",
        "functions": {"python": PYTHON},
    }


def actions(graph: Built, function: str, table: str) -> set[str]:
    arn = graph.one(table).outputs["arn"]
    policy = graph.one(f"todo-api-function-{function}-policy").inputs["policy"]
    found = [s for s in statements(policy) if any(r.startswith(arn) for r in s["Resource"])]
    return {action.removeprefix("dynamodb:") for s in found for action in s["Action"]}


def test_the_reading_function_cannot_write_and_the_writing_one_cannot_read(
    build: Build, args: dict
):
    graph = build(lambda: TodoList("todo", args))
    assert actions(graph, "todos-read", "todo-todos") == {"GetItem", "Query"}
    assert actions(graph, "todos-write", "todo-todos") == {"PutItem", "UpdateItem", "DeleteItem"}
    assert actions(graph, "files", "todo-todos") == set()
    assert actions(graph, "health", "todo-todos") == set()


def test_only_the_files_function_reaches_the_folders_of_all_users(build: Build, args: dict):
    graph = build(lambda: TodoList("todo", args))
    bucket = graph.one("todo-api-files", ":Bucket").outputs["arn"]
    reaching = [
        policy.name
        for policy in graph.of("RolePolicy")
        for statement in statements(policy.inputs["policy"])
        if f"{bucket}/{FOLDER}*" in statement["Resource"]
    ]
    assert reaching == ["todo-api-function-files-policy"]


def test_open_todos_are_found_by_due_date(build: Build, args: dict):
    (index,) = (
        build(lambda: TodoList("todo", args)).one("todo-todos").inputs["globalSecondaryIndexes"]
    )
    keys = [(key["attributeName"], key["keyType"]) for key in index["keySchemas"]]
    assert keys == [("openUserId", "HASH"), ("dueAt", "RANGE")]
    assert index["projectionType"] == "ALL"


def test_answers_are_cached_for_each_user_apart_or_not_at_all(build: Build, args: dict):
    rendered = json.loads(build(lambda: TodoList("todo", args)).one("todo-api-api").inputs["body"])
    integration = rendered["paths"]["/todos"]["get"]["x-amazon-apigateway-integration"]
    assert "method.request.header.Authorization" in integration["cacheKeyParameters"]
    uncached = build(lambda: TodoList("todo", {**args, "cached": False}))
    assert uncached.one("todo-api-stage").inputs["cacheClusterEnabled"] is False


def test_releases_and_the_sunset_are_those_of_the_api(build: Build, args: dict):
    args |= {"release": {}, "sunset": "2027-06-30"}
    graph = build(lambda: TodoList("todo", args))
    application = graph.one("todo-api-releases").outputs["name"]
    assert graph.one("todo").outputs["release_application"] == application
    assert len(graph.of("DeploymentGroup")) == 4
    assert "Wed, 30 Jun 2027 00:00:00 GMT" in graph.one("todo-api-api").inputs["body"]


def test_functions_and_policy_know_the_same_folder():
    from user_folder import PREFIX, path

    assert PREFIX == FOLDER and path("abc") == f"{FOLDER}abc/"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"site_url": "http://example.com"}, "site_url: 'http://example.com' is not https://host"),
        ({"site_url": "https://example.com/"}, "site_url: 'https://example.com/' is not"),
        ({"url_seconds": 1}, "url_seconds: is 1"),
        ({"max_file_bytes": 0}, "max_file_bytes: is 0"),
        ({"table": "x"}, "table: no such argument"),
    ],
)
def test_bad_arguments_are_refused_by_name(build: Build, args: dict, given: dict, problem: str):
    with pytest.raises(ValueError, match="TodoList 'todo'") as caught:
        build(lambda: TodoList("todo", {**args, **given}))
    assert problem in str(caught.value)
