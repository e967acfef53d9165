"""TodoList: a table, its API, and users who can access only their own data."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.serverless_api.user_folder import FOLDER
from components.static_site import StaticSite
from components.todo_list import TodoList
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.policies import statements

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


def test_the_read_function_cannot_write_and_the_write_function_cannot_read(
    build: Build, args: dict
):
    graph = build(lambda: TodoList("todo", args))
    assert actions(graph, "todos-read", "todo-todos") == {"GetItem", "Query"}
    assert actions(graph, "todos-write", "todo-todos") == {"PutItem", "UpdateItem", "DeleteItem"}
    assert actions(graph, "files", "todo-todos") == set()
    assert actions(graph, "health", "todo-todos") == set()


def test_only_the_files_function_can_access_the_folders_of_all_users(build: Build, args: dict):
    graph = build(lambda: TodoList("todo", args))
    bucket = graph.one("todo-api-files", ":Bucket").outputs["arn"]
    policies = [
        policy.name
        for policy in graph.of("RolePolicy")
        for statement in statements(policy.inputs["policy"])
        if f"{bucket}/{FOLDER}*" in statement["Resource"]
    ]
    assert policies == ["todo-api-function-files-policy"]


def test_an_index_sorts_open_todos_by_due_date(build: Build, args: dict):
    (index,) = (
        build(lambda: TodoList("todo", args)).one("todo-todos").inputs["globalSecondaryIndexes"]
    )
    keys = [(key["attributeName"], key["keyType"]) for key in index["keySchemas"]]
    assert keys == [("openUserId", "HASH"), ("dueAt", "RANGE")]
    assert index["projectionType"] == "ALL"


def test_responses_are_cached_per_user_or_not_at_all(build: Build, args: dict):
    rendered = json.loads(build(lambda: TodoList("todo", args)).one("todo-api-api").inputs["body"])
    integration = rendered["paths"]["/todos"]["get"]["x-amazon-apigateway-integration"]
    assert "method.request.header.Authorization" in integration["cacheKeyParameters"]
    uncached = build(lambda: TodoList("todo", {**args, "cached": False}))
    assert uncached.one("todo-api-stage").inputs["cacheClusterEnabled"] is False


def test_pages_get_no_tokens_that_change_the_user(build: Build, args: dict):
    client = build(lambda: TodoList("todo", args)).one("todo-api-client").inputs
    assert client["allowedOauthScopes"] == ["email", "openid", "todos/read", "todos/write"]


def test_releases_and_the_sunset_apply_to_the_api(build: Build, args: dict):
    args |= {"release": {}, "sunset": "2027-06-30"}
    graph = build(lambda: TodoList("todo", args))
    application = graph.one("todo-api-releases").outputs["name"]
    assert graph.one("todo").outputs["release_application"] == application
    assert len(graph.of("DeploymentGroup")) == 4
    assert "Wed, 30 Jun 2027 00:00:00 GMT" in graph.one("todo-api-api").inputs["body"]


def test_no_release_has_more_alarms_than_codedeploy_takes(build: Build, args: dict):
    graph = build(lambda: TodoList("todo", {**args, "release": {}}))
    groups = graph.of("DeploymentGroup")
    assert len(groups) == 4
    assert all(len(each.inputs["alarmConfiguration"]["alarms"]) <= 10 for each in groups)


def test_functions_and_policy_use_the_same_folder():
    from user_folder import PREFIX, path

    assert PREFIX == FOLDER and path("abc") == f"{FOLDER}abc/"


@pytest.mark.parametrize("key", ["openapi", "cached", "sunset", "dax"])
def test_an_output_is_refused_where_a_plain_value_is_needed(build: Build, args: dict, key: str):
    with pytest.raises(ValueError, match=f"{key}: is an Output; it must be .* known at preview"):
        build(lambda: TodoList("todo", {**args, key: pulumi.Output.from_input("x")}))


def test_the_site_url_can_be_the_url_of_a_static_site(build: Build, args: dict, tmp_path: Path):
    (tmp_path / "index.html").write_text("<!doctype html>")

    def program() -> None:
        site = StaticSite("site", {"content": str(tmp_path), "functions": args["functions"]})
        TodoList("todo", {**args, "site_url": site.url})

    graph = build(program)
    url = graph.one("site").outputs["url"]
    assert url.startswith("https://")
    assert graph.one("todo-api-client").inputs["callbackUrls"] == [f"{url}/"]
    variables = graph.one("todo-api-function-files").inputs["environment"]["variables"]
    assert variables["ALLOWED_ORIGINS"] == url
    assert f"'{url}'" in graph.one("todo-api-api").inputs["body"]


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"site_url": "http://example.com"}, "site_url: is 'http://example.com'; it must be an or"),
        ({"site_url": "https://example.com/"}, "site_url: is 'https://example.com/'; it must be"),
        ({"site_url": "http://127.0.0.1"}, "site_url: is 'http://127.0.0.1'; it must be an origin"),
        ({"site_url": None}, "site_url: is missing; it is required"),
        ({"openapi": None}, "openapi: is missing; it is required"),
        (
            {"openapi": {"openapi": "3.0.3"}},
            "openapi: is {'openapi': '3.0.3'}; it must be a string",
        ),
        ({"url_seconds": 1}, "url_seconds: is 1; it must be from 10 to 3600 seconds"),
        ({"max_file_bytes": 0}, "max_file_bytes: is 0; it must be from 1 to 5368709120 bytes"),
        ({"cached": "no"}, "cached: is 'no'; it must be true or false"),
        ({"retain_data": "no"}, "retain_data: is 'no'; it must be true or false"),
        ({"capacity": {"read_units": [1, 2]}}, "capacity.write_units: is missing; it is required"),
        ({"release": {"strategy": "slowly"}}, "release.strategy: is 'slowly'; it must be one of"),
        ({"functions": {"python": 3.13}}, "functions.python: is 3.13; it must be a string"),
        ({"table": "x"}, "table: is not an argument"),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, args: dict, overrides: dict, problem: str
):
    with pytest.raises(ValueError, match="TodoList 'todo'") as caught:
        build(lambda: TodoList("todo", {**args, **overrides}))
    assert problem in str(caught.value)
