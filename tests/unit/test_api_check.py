"""The check that refuses breaking changes of an API: one edit each."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.conftest import ROOT
from tools import api_check, api_document
from tools.api_changes import breaking_changes
from tools.api_document import Document
from tools.schema_changes import Schemas
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
          content: {application/json: {schema: {type: array, maxItems: 9, items: &ref {$ref: "#/components/schemas/Thing"}}}}
        "404": {description: None.}
    post:
      operationId: makeThing
      tags: [things]
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/NewThing"}}
          text/plain: {schema: {type: string}}
      responses:
        "201": {description: Made., content: {application/json: {schema: *ref}}}
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


def put(path: str, value: Any) -> Edit:
    """Set what a path such as `info/version` leads to (`~1` for a slash)."""

    def edit(document: Any) -> None:
        *steps, last = path.replace("/", "\n").replace("~1", "/").split("\n")
        for step in steps:
            document = document[int(step) if isinstance(document, list) else step]
        if isinstance(document, list):
            document[int(last) :] = [value]
        elif value is None:
            del document[last]
        else:
            document[last] = value

    return edit


THINGS = "paths/~1things"
NEW, THING = "components/schemas/NewThing", "components/schemas/Thing/allOf/1"
LIMIT = "components/parameters/limit"
OK = f"{THINGS}/get/responses/200"

BREAKING = {
    "path": (put(THINGS, None), "the operation is removed (GET /things and 1 more)"),
    "operation": (put(f"{THINGS}/post", None), "the operation is removed (POST /things)"),
    "name in clients": (
        put(f"{THINGS}/get/operationId", "allThings"),
        "its name in clients, things.listThings, became things.allThings (GET /things)",
    ),
    "response": (put(f"{THINGS}/get/responses/404", None), "response 404 is removed (GET /things)"),
    "another success": (put(f"{THINGS}/post/responses/202", {}), "response 202 is new"),
    "media type of a response": (put(f"{OK}/content", {}), "response 200: application/json is removed"),
    "header": (put(f"{OK}/headers", {}), "header ETag of response 200 is removed"),
    "header optional": (put(f"{OK}/headers/ETag/required", None), "header ETag of response 200 became optional"),
    "parameter": (put(f"{THINGS}/get/parameters", []), "parameter header if-none-match is removed"),
    "parameter required": (put(f"{LIMIT}/required", True), "parameter query limit became required (GET /things and 1 more)"),
    "new required parameter": (
        put(f"{THINGS}/get/parameters/1", {"name": "q", "in": "query", "required": True}),
        "parameter query q is new and required",
    ),
    "parameter style": (put(f"{LIMIT}/explode", False), "parameter query limit: explode changed"),
    "limit of a parameter": (put(f"{LIMIT}/schema/maximum", 50), "parameter query limit: maximum 100 became 50"),
    "lower limit": (put(f"{LIMIT}/schema/minimum", 2), "parameter query limit: minimum 1 became 2"),
    "default": (put(f"{LIMIT}/schema/default", 10), "parameter query limit: default 20 became 10"),
    "request body": (put(f"{THINGS}/post/requestBody", None), "the request body is removed"),
    "request body required": (put(f"{THINGS}/post/requestBody/required", True), "the request body became required"),
    "new required body": (
        put(f"{THINGS}/get/requestBody", {"required": True, "content": {}}),
        "the request body became required (GET /things)",
    ),
    "media type of a request": (put(f"{THINGS}/post/requestBody/content/text~1plain", None), "request body: text/plain is removed"),
    "property": (put(f"{NEW}/properties/size", None), "request NewThing: property size is removed (POST /things)"),
    "property of a response": (put(f"{THING}/properties/id", None), "response Thing: property id is removed (GET /things and 1 more)"),
    "property optional": (put(f"{THING}/required", []), "response Thing: property id became optional"),
    "property required": (put(f"{NEW}/required", ["name", "size"]), "request NewThing: property size became required"),
    "new required property": (
        lambda document: (
            put(f"{NEW}/required", ["name", "age"])(document),
            put(f"{NEW}/properties/age", {"type": "integer"})(document),
        ),
        "request NewThing: property age is new and required",
    ),
    "property read only": (put(f"{NEW}/properties/size/readOnly", True), "request NewThing: property size is removed"),
    "no other properties": (put(f"{NEW}/additionalProperties", False), "request NewThing: no other properties may be sent any more"),
    "type": (put(f"{NEW}/properties/name/type", "integer"), "request NewThing.name: type string became integer"),
    "type of a request": (put(f"{NEW}/properties/size/type", "integer"), "request NewThing.size: type integer/number became integer"),
    "type of a response": (put(f"{THING}/properties/id/type", "number"), "response Thing.id: type integer became integer/number"),
    "no null in a request": (put(f"{NEW}/properties/maker/nullable", False), "request NewThing.maker: type null/string became string"),
    "null in a response": (put(f"{THING}/properties/id/nullable", True), "response Thing.id: type integer became integer/null"),
    "type of values": (put(f"{THING}/properties/labels/additionalProperties/type", "integer"), "response Thing.labels.*: type string became integer"),
    "type of items": (put(f"{NEW}/properties/tags/items/type", "integer"), "request NewThing.tags[]: type string became integer"),
    "enum of a request": (put(f"{NEW}/properties/kind/enum", ["red"]), 'request NewThing.kind: enum lost "blue"'),
    "enum of a response": (put(f"{NEW}/properties/kind/enum", ["red", "blue", "tan"]), 'response Thing.kind: enum has the new "tan"'),
    "new enum": (put(f"{NEW}/properties/size/enum", [1]), "request NewThing.size: enum is new"),
    "removed enum": (put(f"{NEW}/properties/kind/enum", None), "response Thing.kind: enum is removed"),
    "shorter": (put(f"{NEW}/properties/name/maxLength", 9), "request NewThing.name: maxLength 50 became 9"),
    "longer answers": (put(f"{OK}/content/application~1json/schema/maxItems", 10), "response 200: maxItems 9 became 10"),
    "endless answers": (put(f"{OK}/content/application~1json/schema/maxItems", None), "response 200: maxItems 9 became none"),
    "exclusive": (put(f"{LIMIT}/schema/exclusiveMaximum", True), "parameter query limit: exclusiveMaximum none became true"),
    "pattern": (put(f"{NEW}/properties/name/pattern", "^b"), 'request NewThing.name: pattern "^a" became "^b"'),
    "no pattern": (put(f"{NEW}/properties/name/pattern", None), 'response Thing.name: pattern "^a" became none'),
    "format": (put(f"{NEW}/properties/kind/format", "uuid"), 'request NewThing.kind: format none became "uuid"'),
    "alternative of a request": (put(f"{NEW}/properties/shape/oneOf/1", {"type": "string"}), "request NewThing.shape: an alternative of oneOf or anyOf is gone or narrower"),
    "alternative of a response": (put(f"{NEW}/properties/shape/oneOf/2", {"type": "boolean"}), "response Thing.shape: an alternative of oneOf or anyOf is new or wider"),
    "security": (put("security", [{"key": []}]), "users ['admin', 'read'] no longer let a caller in (GET /things and 1 more)"),
    "scope": (put("security", [{"users": ["admin"]}]), "users ['admin', 'read'] no longer let a caller in"),
    "two schemes": (put("security", [{"users": ["read", "admin"], "key": []}]), "users ['admin', 'read'] no longer let a caller in"),
    "no longer public": (put("paths/~1health/get/security", None), "no credentials no longer let a caller in (GET /health)"),
    "security scheme": (put("components/securitySchemes/users/type", "openIdConnect"), "users ['admin', 'read'] no longer let a caller in"),
}  # fmt: skip

HARMLESS = {
    "nothing": lambda document: None,
    "path": put("paths/~1more", {"get": {"responses": {}}}),
    "operation": put(f"{THINGS}/put", {"responses": {}}),
    "error response": put(f"{THINGS}/post/responses/409", {"description": "No."}),
    "header": put(f"{OK}/headers/Age", {"schema": {"type": "integer"}}),
    "case of a header": put(
        f"{OK}/headers", {"etag": {"required": True, "schema": {"type": "string"}}}
    ),
    "parameter": put(f"{THINGS}/get/parameters/1", {"name": "q", "in": "query"}),
    "higher limit": put(f"{LIMIT}/schema/maximum", 200),
    "no limit": put(f"{LIMIT}/schema/minimum", None),
    "optional body": put(f"{THINGS}/get/requestBody", {"content": {"text/plain": {}}}),
    "property of a request": put(f"{NEW}/properties/age", {"type": "integer"}),
    "property of a response": put(f"{THING}/properties/age", {"type": "integer"}),
    "property not hidden any more": put(f"{THING}/properties/secret/writeOnly", None),
    "required in a response": put(f"{THING}/required", ["id", "parts"]),
    "shorter answers": put(f"{OK}/content/application~1json/schema/maxItems", 5),
    "format of a response": put(f"{THING}/properties/id/format", "int32"),
    "default of a response": put(f"{THING}/properties/id/default", 7),
    "least length of none": put(f"{THING}/properties/parts/minItems", 0),
    "words": put(f"{NEW}/properties/name/description", "Its name."),
    "public": put("security", []),
    "another way in": put("security", [{"key": []}, {"users": ["read", "admin"]}]),
    "another scope": put("security", [{"users": ["read", "admin", "write"]}]),
    "address": put(
        "components/securitySchemes/users/flows/authorizationCode/tokenUrl", "https://x.example/t"
    ),
    "minor version": put("info/version", "1.3.0"),
}


def released() -> dict[str, Any]:
    # By way of JSON, which knows no aliases: an edit is in one place.
    return json.loads(json.dumps(yaml.safe_load(RELEASED)))


def check(folder: Path, edit: Edit) -> list[str]:
    """What the check says about an edit."""
    today = released()
    edit(today)
    (folder / "released").mkdir()
    (folder / "released" / "shop.yaml").write_text(RELEASED)
    (folder / "shop.yaml").write_text(json.dumps(today))
    return api_check.check(folder)


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_named(tmp_path: Path, name: str):
    edit, expected = BREAKING[name]
    *named, advice = check(tmp_path, edit)
    assert [each for each in named if each.startswith(f"shop: {expected}")], named
    assert advice == "shop: breaking changes need info.version 2.0.0; or take them back"


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_passes(tmp_path: Path, name: str):
    assert check(tmp_path, HARMLESS[name]) == []


def test_a_change_that_many_operations_share_is_named_once(tmp_path: Path):
    named = check(tmp_path, put(f"{NEW}/properties/maker", None))
    assert named[:-1] == [
        "shop: response Thing: property maker is removed (GET /things and 1 more)",
        "shop: request NewThing: property maker is removed (POST /things)",
    ]


def test_a_new_major_version_announces_breaking_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def edit(document: Any) -> None:
        put(f"{THINGS}/post", None)(document)
        put("info/version", "2.0.0")(document)

    assert check(tmp_path, edit) == []
    assert "shop: 1 breaking changes, which the new major version announces" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("version", "said"),
    [("1.1.9", "info.version is lower than the released one"), ("v2", "not of the form 1.2.3")],
)
def test_a_version_goes_up(tmp_path: Path, version: str, said: str, capsys: Any):
    check_fails = api_check.main(["--apis", str(tmp_path)])
    assert check_fails == 0  # nothing there, nothing released
    try:
        problems = check(tmp_path, put("info/version", version))
    except CommandError as error:
        problems = [str(error)]
    assert said in problems[0]
    assert api_check.main(["--apis", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


def test_a_removed_api_is_named_and_a_new_one_passes(tmp_path: Path, capsys: Any):
    check(tmp_path, put("info/version", "1.2.1"))
    (tmp_path / "shop.yaml").rename(tmp_path / "market.yaml")
    assert api_check.main(["--apis", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "market: not released yet" in printed.out
    assert "api_check: shop: the API is removed" in printed.err


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put(f"{OK}/headers/ETag", {"$ref": "#/nowhere"}), "#/nowhere is not in the document"),
        (put(f"{OK}/headers/ETag", {"$ref": "a.yaml#/x"}), "a.yaml#/x is not in the document"),
        (put("security", [{"nobody": []}]), "securitySchemes/nobody is not in the document"),
        (put(LIMIT, {"$ref": f"#/{LIMIT}"}), "limit stands for itself"),
        (put("openapi", "2.0"), "is no OpenAPI 3 document"),
    ],
)
def test_a_document_that_cannot_be_compared_is_refused(tmp_path: Path, edit: Edit, said: str):
    with pytest.raises(CommandError, match=said.replace("$", r"\$")):
        check(tmp_path, edit)


@pytest.mark.parametrize("path", sorted((ROOT / "apis").glob("*.yaml")), ids=lambda path: path.stem)
def test_our_documents_equal_themselves_and_miss_every_operation_they_lose(path: Path):
    document = api_document.load(path)
    assert breaking_changes(document, document) == {}
    nothing = Document("nothing", {**document.content, "paths": {}})
    (places,) = breaking_changes(document, nothing).values()
    assert places == [where for where, _ in document.operations()]


def _objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(st.sampled_from("ab"), values, max_size=2)
    return st.builds(
        lambda members, required: {
            "type": "object",
            "properties": members,
            "required": sorted(required & members.keys()) or ["c"],
            "additionalProperties": False,
        },
        properties,
        st.sets(st.sampled_from("ab")),
    )


LENGTHS = st.integers(0, 3)
SCHEMAS = st.recursive(
    st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("string")},
            optional={"minLength": LENGTHS, "maxLength": LENGTHS, "pattern": st.just("^x")},
        ),
        st.fixed_dictionaries(
            {"type": st.sampled_from(["integer", "number"])},
            optional={"minimum": LENGTHS, "maximum": LENGTHS, "enum": st.just([1, 2])},
        ),
        st.fixed_dictionaries({"enum": st.lists(st.sampled_from([1, "x", None]), min_size=1)}),
        st.just({}),
    ),
    lambda inner: st.one_of(
        _objects(inner),
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"maxItems": LENGTHS}
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each}),
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 2, 2.5, 4, "", "x", "xx", "y", "xxxx"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    ),
    max_leaves=4,
)
EMPTY = Document("", {})


@settings(max_examples=300, deadline=None)
@given(old=SCHEMAS, new=SCHEMAS, values=st.lists(VALUES, min_size=5, max_size=20))
def test_what_passes_takes_everything_that_was_taken(old: Any, new: Any, values: list[Any]):
    """A JSON Schema validator agrees: as a request, and as a response the other way round."""
    for schema, wider, requests in ((old, new, True), (new, old, False)):
        if any(Schemas(EMPTY, EMPTY, requests=requests).changes("", old, new)):
            continue
        for value in values:
            if _valid(schema, value):
                extra = not requests and schema != wider
                assert _valid(wider, value) or extra, (requests, value)


def _valid(schema: Any, value: Any) -> bool:
    try:
        fastjsonschema.validate(
            {"$schema": "http://json-schema.org/draft-04/schema#", **schema}, value
        )
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True
