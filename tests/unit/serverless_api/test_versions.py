"""Versions of an API: the sunset of a version, and several versions with one domain name."""

import json
from pathlib import Path
from typing import Any

import pytest

from components._blocks.sunset import http_date
from components.serverless_api import ServerlessApi
from tests.conftest import Build
from tests.projects import PYTHON

SUNSET = "Wed, 30 Jun 2027 00:00:00 GMT"
DOCUMENT = json.dumps(
    {
        "openapi": "3.0.3",
        "info": {"title": "notes", "version": "1"},
        "paths": {
            "/health": {
                "get": {
                    "operationId": "getHealth",
                    "security": [],
                    "responses": {"200": {"description": "fine"}},
                }
            }
        },
    }
)


@pytest.fixture
def notes(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "app.py").write_text("def handler(event, context): return {'statusCode': 200}\n")
    return {
        "openapi": DOCUMENT,
        "operations": {"getHealth": "read"},
        "api_functions": {"read": {"code": str(tmp_path)}},
        "allowed_origins": ["https://a.example.com"],
        "functions": {"python": PYTHON},
    }


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2027-06-30", SUNSET),
        ("2027-06-30T02:00:00+02:00", SUNSET),
        ("2027-06-30T12:30:00Z", "Wed, 30 Jun 2027 12:30:00 GMT"),
        (SUNSET, SUNSET),
    ],
)
def test_dates_are_converted_to_http_dates(date: str, expected: str):
    assert http_date(date) == expected


@pytest.mark.parametrize(
    "date",
    [
        "soon",
        "2027-02-30",
        "2027-06-30T12:00:00",
        "Tue, 30 Jun 2027 00:00:00 GMT",
        "Wed, 30 Jun 2027 00:00:00 +0200",
        "Wed, 30 Jun 2027",
        "30 Jun 2027",
    ],
)
def test_an_invalid_date_is_refused_at_preview(build: Build, notes: dict, date: str):
    with pytest.raises(ValueError, match="ServerlessApi 'notes'") as caught:
        build(lambda: ServerlessApi("notes", {**notes, "sunset": date}))
    assert f"sunset: is '{date}'; it must be a date such as '2027-06-30'" in str(caught.value)


def test_every_gateway_response_and_function_has_the_sunset(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", {**notes, "sunset": "2027-06-30"}))
    body = json.loads(graph.one("notes-api").inputs["body"])
    responses = body["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "BAD_REQUEST_BODY"} <= set(responses)
    for response in responses.values():
        assert response["responseParameters"]["gatewayresponse.header.Sunset"] == f"'{SUNSET}'"
    preflight = body["paths"]["/health"]["options"]
    answer = preflight["x-amazon-apigateway-integration"]["responses"]["default"]
    assert answer["responseParameters"]["method.response.header.Sunset"] == f"'{SUNSET}'"
    assert "Sunset" in preflight["responses"]["204"]["headers"]
    variables = graph.one("notes-function-read").inputs["environment"]["variables"]
    assert variables["SUNSET"] == SUNSET


def test_without_a_sunset_there_is_no_sunset_header(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    assert "Sunset" not in graph.one("notes-api").inputs["body"]
    assert "SUNSET" not in graph.one("notes-function-read").inputs["environment"]["variables"]


def test_two_versions_share_one_domain_name(build: Build, notes: dict):
    name = {"name": "api.example.com"}

    def program() -> None:
        ServerlessApi("v1", {**notes, "domain": {**name, "zone_id": "Z1", "base_path": "v1"}})
        ServerlessApi("v2", {**notes, "domain": {**name, "shared": True, "base_path": "v2"}})

    graph = build(program)
    mappings = {each.name: each.inputs for each in graph.of("BasePathMapping")}
    assert mappings["v1-mapping"]["basePath"] == "v1"
    assert mappings["v2-mapping"]["basePath"] == "v2"
    assert mappings["v2-mapping"]["domainName"] == "api.example.com"
    assert len(graph.of("DomainName")) == len(graph.of("Certificate")) == 1
    assert graph.one("v2").outputs["url"] == "https://api.example.com/v2"


@pytest.mark.parametrize(
    ("domain", "problem"),
    [
        ({"zone_id": "Z"}, "domain.name: is missing; it is required"),
        (
            {"name": "https://a.b", "zone_id": "Z"},
            "domain.name: is 'https://a.b'; it must be a dom",
        ),
        ({"name": "a.b"}, "domain.zone_id: is missing; it is required without `shared`"),
        (
            {"name": "a.b", "shared": True, "base_path": "v2", "zone_id": "Z"},
            "domain.zone_id: is given by the API that has the name",
        ),
        ({"name": "a.b", "shared": True}, "domain.base_path: is missing; `shared` requires it"),
        (
            {"name": "a.b", "zone_id": "Z", "base_path": "a/b"},
            "domain.base_path: is 'a/b'; it must",
        ),
        ({"name": "a.b", "zone_id": "Z", "path": "v2"}, "domain.path: is not an argument; did you"),
        (
            {"name": "a.b", "zone_id": "Z", "shared": "no"},
            "domain.shared: is 'no'; it must be true",
        ),
    ],
)
def test_the_error_names_the_invalid_domain_argument(
    build: Build, notes: dict, domain: dict, problem: str
):
    with pytest.raises(ValueError, match="ServerlessApi 'notes'") as caught:
        build(lambda: ServerlessApi("notes", {**notes, "domain": domain}))
    assert problem in str(caught.value)
