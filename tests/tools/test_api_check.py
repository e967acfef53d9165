"""`python -m tools.api_check` finds breaking changes of an API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.projects import ROOT
from tools import api_check, api_document
from tools.api_changes import breaking_changes
from tools.api_document import Document
from tools.stack_outputs import CommandError

RELEASED = """
openapi: 3.0.3
info: {title: Shop, version: 1.2.0}
security: [{users: [read, admin]}]
paths:
  /things:
    parameters: [{$ref: "#/components/parameters/limit"}]
    get:
      operationId: listThings
      tags: [things]
      parameters:
        - {name: If-None-Match, in: header, schema: {type: string}}
      responses:
        "200":
          description: All.
          headers: {ETag: {required: true, schema: {type: string}}}
          content:
            application/json:
              schema: {type: array, maxItems: 9, items: &thing {$ref: "#/components/schemas/Thing"}}
        "404": {description: None.}
    post:
      operationId: makeThing
      tags: [things]
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/NewThing"}}
          text/plain: {schema: {type: string}}
      responses:
        "201": {description: Made., content: {application/json: {schema: *thing}}}
  /health:
    get:
      security: []
      responses: {"200": {description: Fine.}}
components:
  securitySchemes:
    users: {type: oauth2, flows: {authorizationCode: {tokenUrl: /token, scopes: {read: Read.}}}}
    key: {type: apiKey, in: header, name: x-api-key}
  parameters:
    limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
  schemas:
    NewThing:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1, maxLength: 50, pattern: "^a"}
        kind: {type: string, enum: [red, blue]}
        size: {type: number}
        tags: {type: array, items: {type: string}}
        shape: {oneOf: [{type: string}, {type: integer}]}
        maker: {type: string, nullable: true}
    Thing:
      allOf:
        - {$ref: "#/components/schemas/NewThing"}
        - type: object
          required: [id]
          properties:
            id: {type: integer}
            secret: {type: string, writeOnly: true}
            parts: {type: array, items: {$ref: "#/components/schemas/Thing"}}
            labels: {type: object, additionalProperties: {type: string}}
"""

Edit = Callable[[dict[str, Any]], Any]
REMOVED = object()


def put(path: str, value: Any) -> Edit:
    """Return an edit that sets the value at a path such as `info/version` (`~1` is a slash)."""

    def edit(document: Any) -> None:
        *steps, last = (each.replace("~1", "/") for each in path.split("/"))
        for step in steps:
            document = document[int(step) if isinstance(document, list) else step]
        if isinstance(document, list):
            document[int(last) :] = [value]
        elif value is REMOVED:
            del document[last]
        else:
            document[last] = value

    return edit


GET, POST = "paths/~1things/get", "paths/~1things/post"
LIMIT = "components/parameters/limit"
ANSWER = f"{GET}/responses/200/content/application~1json/schema"
NEW, THING = "components/schemas/NewThing", "components/schemas/Thing/allOf/1"
NAME, KIND, SIZE = (f"{NEW}/properties/{name}" for name in ("name", "kind", "size"))
SHAPE, TAGS, ID = f"{NEW}/properties/shape", f"{NEW}/properties/tags", f"{THING}/properties/id"
LABELS = f"{THING}/properties/labels/additionalProperties"
DENIED = "users ['admin', 'read'] no longer give access"
REQUIRED_QUERY = {"name": "q", "in": "query", "required": True}

BREAKING = [
    ("paths/~1things", REMOVED, "the operation is removed (GET /things and 1 more)"),
    (POST, REMOVED, "the operation is removed (POST /things)"),
    (
        f"{GET}/operationId",
        "all",
        "its name in clients changed from things.listThings to things.all",
    ),
    (f"{GET}/responses/404", REMOVED, "response 404 is removed (GET /things)"),
    (f"{POST}/responses/202", {}, "response 202 is new"),
    (f"{GET}/responses/200/content", {}, "response 200: application/json is removed"),
    (f"{GET}/responses/200/headers", {}, "header ETag of response 200 is removed"),
    (
        f"{GET}/responses/200/headers/ETag/required",
        REMOVED,
        "header ETag of response 200 became optional",
    ),
    (f"{GET}/parameters", [], "parameter header if-none-match is removed"),
    (f"{GET}/parameters/1", REQUIRED_QUERY, "parameter query q is new and required"),
    (f"{LIMIT}/required", True, "parameter query limit became required (GET /things and 1 more)"),
    (f"{LIMIT}/explode", False, "parameter query limit: explode changed"),
    (f"{LIMIT}/schema/maximum", 50, "parameter query limit: maximum 100 became 50"),
    (f"{LIMIT}/schema/minimum", 2, "parameter query limit: minimum 1 became 2"),
    (f"{LIMIT}/schema/default", 10, "parameter query limit: default 20 became 10"),
    (f"{LIMIT}/schema/exclusiveMaximum", True, "parameter query limit: exclusiveMaximum none"),
    (f"{POST}/requestBody", REMOVED, "the request body is removed"),
    (f"{POST}/requestBody/required", True, "the request body became required"),
    (f"{GET}/requestBody", {"required": True}, "the request body became required (GET /things)"),
    (f"{POST}/requestBody/content/text~1plain", REMOVED, "request body: text/plain is removed"),
    (SIZE, REMOVED, "request NewThing: property size is removed (POST /things)"),
    (ID, REMOVED, "response Thing: property id is removed (GET /things and 1 more)"),
    (f"{SIZE}/readOnly", True, "request NewThing: property size is removed"),
    (f"{ID}/writeOnly", True, "response Thing: property id is removed"),
    (f"{NEW}/required", ["name", "size"], "request NewThing: property size became required"),
    (f"{NEW}/required", ["name", "x"], "request NewThing: property x is new and required"),
    (f"{THING}/required", [], "response Thing: property id became optional"),
    (f"{NEW}/additionalProperties", False, "request NewThing: additional properties are no longer"),
    (f"{NAME}/type", "integer", "request NewThing.name: type string became integer"),
    (f"{SIZE}/type", "integer", "request NewThing.size: type integer/number became integer"),
    (f"{ID}/type", "number", "response Thing.id: type integer became integer/number"),
    (f"{ID}/nullable", True, "response Thing.id: type integer became integer/null"),
    (f"{NEW}/properties/maker/nullable", False, "request NewThing.maker: type null/string became"),
    (f"{LABELS}/type", "integer", "response Thing.labels.*: type string became integer"),
    (f"{TAGS}/items/type", "integer", "request NewThing.tags[]: type string became integer"),
    (f"{KIND}/enum", ["red"], 'request NewThing.kind: enum no longer has "blue"'),
    (f"{KIND}/enum", ["red", "blue", "tan"], 'response Thing.kind: enum has the new "tan"'),
    (f"{KIND}/enum", REMOVED, "response Thing.kind: enum is removed"),
    (f"{SIZE}/enum", [1], "request NewThing.size: enum is new"),
    (f"{NAME}/maxLength", 9, "request NewThing.name: maxLength 50 became 9"),
    (f"{NAME}/minLength", 0, "response Thing.name: minLength 1 became 0"),
    (f"{ANSWER}/maxItems", 10, "response 200: maxItems 9 became 10"),
    (f"{ANSWER}/maxItems", REMOVED, "response 200: maxItems 9 became none"),
    (f"{NAME}/pattern", "^b", 'request NewThing.name: pattern "^a" became "^b"'),
    (f"{NAME}/pattern", REMOVED, 'response Thing.name: pattern "^a" became none'),
    (f"{NAME}/format", "uuid", 'request NewThing.name: format none became "uuid"'),
    (f"{SHAPE}/oneOf/1", {"type": "string"}, "request NewThing.shape: an alternative of oneOf"),
    (f"{SHAPE}/oneOf/2", {"type": "boolean"}, "response Thing.shape: an alternative of oneOf"),
    ("security", [{"key": []}], f"{DENIED} (GET /things and 1 more)"),
    ("security", [{"users": ["admin"]}], DENIED),
    ("security", [{"users": []}], DENIED),
    ("security", [{"users": ["read", "admin"], "key": []}], DENIED),
    ("paths/~1health/get/security", REMOVED, "no credentials no longer give access"),
    ("components/securitySchemes/users/type", "openIdConnect", DENIED),
]

COMPATIBLE = [
    ("info/version", "1.3.0"),
    ("paths/~1more", {"get": {"responses": {}}}),
    ("paths/~1things/put", {"responses": {}}),
    (f"{POST}/responses/409", {"description": "No."}),
    (f"{GET}/responses/200/headers/Age", {"schema": {"type": "integer"}}),
    (f"{GET}/responses/200/headers", {"etag": {"required": True, "schema": {"type": "string"}}}),
    (f"{GET}/parameters/1", {"name": "q", "in": "query"}),
    (f"{GET}/requestBody", {"content": {"text/plain": {}}}),
    (f"{LIMIT}/schema/maximum", 200),
    (f"{LIMIT}/schema/minimum", REMOVED),
    (f"{NEW}/properties/age", {"type": "integer"}),
    (f"{THING}/properties/age", {"type": "integer"}),
    (f"{THING}/properties/secret/writeOnly", REMOVED),
    (f"{THING}/required", ["id", "parts"]),
    (f"{THING}/properties/parts/minItems", 0),
    (f"{ANSWER}/maxItems", 5),
    (f"{ID}/format", "int32"),
    (f"{ID}/default", 7),
    (f"{NAME}/description", "Its name."),
    (f"{NAME}/x-note", "Ours."),
    ("security", []),
    ("security", [{"key": []}, {"users": ["read", "admin"]}]),
    ("security", [{"users": ["read", "admin", "write"]}]),
    ("components/securitySchemes/users/flows/authorizationCode/tokenUrl", "/other"),
]


def released() -> dict[str, Any]:
    # JSON has no YAML aliases, so an edit changes one place only.
    return json.loads(json.dumps(yaml.safe_load(RELEASED)))


def check(folder: Path, edit: Edit) -> list[str]:
    """Return the problems that the check finds after an edit."""
    today = released()
    edit(today)
    (folder / "released").mkdir()
    (folder / "released" / "shop.yaml").write_text(RELEASED)
    (folder / "shop.yaml").write_text(json.dumps(today))
    return api_check.check(folder)


@pytest.mark.parametrize(("path", "value", "expected"), BREAKING)
def test_a_breaking_change_is_reported(tmp_path: Path, path: str, value: Any, expected: str):
    *named, advice = check(tmp_path, put(path, value))
    assert [each for each in named if each.startswith(f"shop: {expected}")], named
    assert advice == "shop: revert the breaking changes, or set info.version to 2.0.0"


@pytest.mark.parametrize(("path", "value"), COMPATIBLE)
def test_a_compatible_change_passes(tmp_path: Path, path: str, value: Any):
    assert check(tmp_path, put(path, value)) == []


def test_a_change_in_several_operations_is_reported_once(tmp_path: Path):
    named = check(tmp_path, put(f"{NEW}/properties/maker", REMOVED))
    assert named[:-1] == [
        "shop: response Thing: property maker is removed (GET /things and 1 more)",
        "shop: request NewThing: property maker is removed (POST /things)",
    ]


def test_a_new_major_version_allows_breaking_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def edit(document: Any) -> None:
        put(POST, REMOVED)(document)
        put("info/version", "2.0.0")(document)

    assert check(tmp_path, edit) == []
    assert "shop: breaking changes, allowed by the new major version: 1" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("1.1.9", "info.version is lower than the released one"),
        ("v2", "it must have the form 1.2.3"),
    ],
)
def test_a_version_must_increase(tmp_path: Path, version: str, message: str, capsys: Any):
    try:
        problems = check(tmp_path, put("info/version", version))
    except CommandError as error:
        problems = [str(error)]
    assert message in problems[0]
    assert api_check.main(["--apis", str(tmp_path)]) == 1
    assert message in capsys.readouterr().err


def test_a_removed_api_is_reported_and_a_new_one_passes(tmp_path: Path, capsys: Any):
    check(tmp_path, put("info/version", "1.2.1"))
    (tmp_path / "shop.yaml").rename(tmp_path / "market.yaml")
    assert api_check.main(["--apis", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "market: not released yet" in printed.out
    assert "api_check: shop: the API is removed" in printed.err


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            put(f"{GET}/responses/200/headers/ETag", {"$ref": "#/nowhere"}),
            "#/nowhere is not in the document",
        ),
        (
            put(f"{GET}/responses/200/headers/ETag", {"$ref": "a.yaml#/x"}),
            "a.yaml#/x is not in the document",
        ),
        (put("security", [{"nobody": []}]), "securitySchemes/nobody is not in the document"),
        (put(LIMIT, {"$ref": f"#/{LIMIT}"}), "limit refers to itself"),
        (put("openapi", "2.0"), "is not an OpenAPI 3 document"),
    ],
)
def test_a_document_that_cannot_be_compared_is_rejected(tmp_path: Path, edit: Edit, message: str):
    with pytest.raises(CommandError, match=message.replace("$", r"\$")):
        check(tmp_path, edit)


@pytest.mark.parametrize("path", sorted((ROOT / "apis").glob("*.yaml")), ids=lambda path: path.stem)
def test_our_documents_equal_themselves_and_each_removed_operation_is_found(path: Path):
    document = api_document.load(path)
    assert breaking_changes(document, document) == {}
    nothing = Document("nothing", {**document.content, "paths": {}})
    (places,) = breaking_changes(document, nothing).values()
    assert places == [where for where, _ in document.operations()]
