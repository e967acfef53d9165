"""The OpenAPI documents are valid, can be imported by API Gateway and match the functions."""

import json
from importlib import import_module

import pytest
import user_folder
from api.request import MAX_BODY_BYTES
from todo_list.files import app as files

from ..documents import FOLDER, document, schema
from ..requests import ADA

METHODS = ("get", "put", "post", "delete")
NAMES = ("todo", "orders", "videos", "blog")


def operations(name):
    for path, item in document(name)["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def nodes(value):
    yield value
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from nodes(child)


def schemas(name):
    """Yield every schema of the document, including nested ones."""
    parts = document(name)["components"]["schemas"].values()
    whole = [node for part in parts for node in nodes(part) if isinstance(node, dict)]
    return [node for node in whole if "type" in node or "$ref" in node]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_valid(name):
    import openapi_spec_validator as validator

    validator.validate(document(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_can_be_imported_by_api_gateway(name):
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"""
    assert document(name)["openapi"] == "3.0.3"
    assert all(each.isalnum() for each in document(name)["components"]["schemas"])
    never = {"oneOf", "anyOf", "allOf", "not", "discriminator", "nullable", "readOnly", "example"}
    never |= {"exclusiveMinimum", "exclusiveMaximum", "deprecated", "writeOnly", "examples"}
    for each in schemas(name):
        assert not never & each.keys(), each
    for node in nodes(document(name)["paths"]):
        if isinstance(node, dict) and "$ref" in node:
            assert node["$ref"].startswith("#/components/schemas/")


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_complete(name):
    ids = []
    for where, operation in operations(name):
        ids.append(operation["operationId"])
        assert operation["summary"] and operation["tags"], where
        responses = operation["responses"]
        common = {"403", "429", "500", "502", "503", "504"}
        if operation.get("security", True):
            common |= {"400", "401"}
        if "requestBody" in operation:
            common |= {"413", "415"}
            assert "example" in operation["requestBody"]["content"]["application/json"]
        assert common <= responses.keys(), where
        for status, response in responses.items():
            if "text/html" in response.get("content", {}):
                continue
            content = response.get("content", {}).get("application/json")
            assert (content is None) == (status in ("204", "304")), (where, status)
            if status >= "400":
                assert content["schema"] == {"$ref": "#/components/schemas/Error"}
            assert content is None or "example" in content
        in_path = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert in_path == {part[1:-1] for part in where.split("/") if part.startswith("{")}
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_examples_match_their_schemas(name):
    import fastjsonschema

    for node in nodes(document(name)["paths"]):
        if isinstance(node, dict) and "schema" in node and "example" in node:
            # This also checks `format`, which the gateway does not.
            fastjsonschema.compile(schema(name, node["schema"]), use_default=False)(node["example"])


def test_security():
    read, write = "todos/read", "todos/write"
    for where, operation in operations("todo"):
        if where == "GET /health":
            assert operation["security"] == []
            continue
        scope = read if where.startswith("GET") else write
        assert operation["security"] == [{"users": [scope, "aws.cognito.signin.user.admin"]}]
    assert document("orders")["security"] == [{"apiKey": []}]
    assert not [where for where, operation in operations("orders") if "security" in operation]


def test_every_operation_has_a_function():
    """Each function has exactly its operations of the document."""
    functions = {
        "todos_read": ["listTodos", "getTodo"],
        "todos_write": ["createTodo", "updateTodo", "deleteTodo"],
        "files": ["listFiles", "uploadFile", "downloadFile", "deleteFile"],
        "health": ["getHealth"],
    }
    by_id = {operation["operationId"]: where for where, operation in operations("todo")}
    assert sorted(by_id) == sorted(each for ids in functions.values() for each in ids)
    fake = type("Clients", (), {"dynamodb": None, "s3": None})()
    for name, ids in functions.items():
        component = "serverless_api" if name == "health" else "todo_list"
        module = import_module(f"{component}.{name}.app")
        if name == "health":
            api = module.health()
        elif name == "files":
            api = module.make(files.Settings("b", 1, 1), fake, frozenset())
        else:
            api = module.make(module.Settings("t"), fake, frozenset())
        assert sorted(api.operations) == sorted(by_id[each] for each in ids)


def test_the_order_schema_matches_place_order():
    folder = FOLDER.parent / "handlers/outbox_pipeline/place_order"
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    for name in ("$schema", "title", "description"):
        order.pop(name)
    assert schema("orders", {"$ref": "#/components/schemas/NewOrder"}) == order


def test_limits_match_the_functions():
    longest = 1024 - len(user_folder.path(ADA))
    parameter = document("todo")["paths"]["/files/{name}"]["get"]["parameters"][0]
    assert parameter["schema"]["maxLength"] == longest
    assert (
        schema("todo", {"$ref": "#/components/schemas/NewFile"})["properties"]["name"]["maxLength"]
        == longest
    )
    assert str(MAX_BODY_BYTES) in json.dumps(document("todo")["x-shared"]["responses"])
