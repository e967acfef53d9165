"""An API applies its OpenAPI document to requests."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator.gateway import call, deployed, document, echo, proxy, put

NOTE = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {"title": {"type": "string"}, "tag": {"$ref": "#/components/schemas/Tag"}},
}
VALIDATORS = {"all": {"validateRequestBody": True, "validateRequestParameters": True}}
ORIGIN = {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://a.example'"}
MOCK = {
    "responses": {
        "204": {"headers": {"Access-Control-Allow-Methods": {"schema": {"type": "string"}}}}
    },
    "x-amazon-apigateway-integration": {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 204}'},
        "responses": {
            "default": {
                "statusCode": "204",
                "responseParameters": {
                    "method.response.header.Access-Control-Allow-Methods": "'GET,POST'"
                },
            }
        },
    },
}


def notes(arn):
    """An API with all supported features."""
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}}
    key = {"name": "Idempotency-Key", "in": "header", "required": True}
    return document(
        {
            "/notes": {
                "parameters": [{"$ref": "#/components/parameters/Limit"}],
                "post": {"requestBody": body, "parameters": [key], **proxy(arn)},
                "options": MOCK,
            },
            "/any": {"x-amazon-apigateway-any-method": proxy(arn)},
        },
        components={
            "schemas": {"Note": NOTE, "Tag": {"type": "string", "maxLength": 3}},
            "parameters": {"Limit": {"name": "limit", "in": "query", "required": True}},
        },
        **{
            "x-amazon-apigateway-request-validators": VALIDATORS,
            "x-amazon-apigateway-request-validator": "all",
            "x-amazon-apigateway-gateway-responses": {
                "DEFAULT_4XX": {
                    "responseParameters": ORIGIN,
                    "responseTemplates": {
                        "application/json": '{"error": "$context.error.responseType"}'
                    },
                }
            },
        },
    )


def test_bodies_and_parameters_are_validated(cloud):
    url = deployed(cloud, notes(echo(cloud))) + "/notes?limit=1"

    def post(body, url=url, kind="application/json", **headers):
        answer = call(url, "POST", json.dumps(body), content_type=kind, **headers)
        return answer.status, answer.json.get("error")

    key = {"idempotency_key": "1"}
    assert post({"title": "x", "tag": "abc"}, **key) == (200, None)
    assert post({"title": "x", "tag": "abcd"}, **key) == (400, "BAD_REQUEST_BODY")
    assert post({"title": "x", "more": 1}, **key) == (400, "BAD_REQUEST_BODY")
    assert post({}, **key) == (400, "BAD_REQUEST_BODY")
    assert post({"title": "x"}) == (400, "BAD_REQUEST_PARAMETERS")
    assert post({"title": "x"}, url.partition("?")[0], **key) == (400, "BAD_REQUEST_PARAMETERS")
    assert post({}, kind="text/plain", **key) == (200, None)  # a content type without a model


def test_gateway_responses_have_cors_headers(cloud):
    url = deployed(cloud, notes(echo(cloud)))
    for path in ("/notes", "/nowhere"):
        refused = call(url + path)
        assert refused.status == 403
        assert refused.headers["access-control-allow-origin"] == "https://a.example"
        assert refused.json == {"error": "MISSING_AUTHENTICATION_TOKEN"}


def test_preflights_are_answered_without_a_function(cloud):
    url = deployed(cloud, notes(echo(cloud)))
    answer = call(f"{url}/notes?limit=1", "OPTIONS", origin="https://a")
    assert answer.status == 204
    assert answer.headers["access-control-allow-methods"] == "GET,POST"


def test_a_document_may_be_yaml(cloud):
    """YAML 1.2, in which `no` and `12:30` are text; `200:` is text too, as it is a key."""
    gateway = cloud.client("apigateway")
    text = """
openapi: 3.0.3
info: {title: no, version: 12:30}
paths:
  /no:
    options:
      responses: {200: {description: on}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: 200}}
"""
    api = gateway.create_rest_api(name="a")["id"]
    gateway.put_rest_api(restApiId=api, mode="overwrite", body=text)
    described = gateway.get_rest_api(restApiId=api)
    assert (described["name"], described["version"]) == ("no", "12:30")
    gateway.create_deployment(restApiId=api, stageName="v1")
    url = f"{cloud.emulator.endpoint}/_aws/execute-api/{api}/v1"
    assert call(f"{url}/no", "OPTIONS").status == 200


def test_any_method(cloud):
    url = deployed(cloud, notes(echo(cloud)))
    assert [call(f"{url}/any", verb).status for verb in ("GET", "DELETE")] == [200, 200]


def test_overwrite_replaces_and_merge_keeps(cloud):
    gateway, api = cloud.client("apigateway"), put(cloud, notes(echo(cloud)))

    def paths():
        found = gateway.get_resources(restApiId=api)["items"]
        return {each["path"] for each in found if each["path"] != "/"}

    other = json.dumps(document({"/other": {"get": MOCK}}))
    gateway.put_rest_api(restApiId=api, mode="merge", body=other)
    assert paths() == {"/notes", "/any", "/other"}
    gateway.put_rest_api(restApiId=api, mode="overwrite", body=other)
    assert paths() == {"/other"}
    assert gateway.get_models(restApiId=api)["items"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda spec: spec["components"]["schemas"].update({"a-b": {}}), "alphanumeric"),
        (lambda spec: spec.update({"x-amazon-apigateway-request-validator": "x"}), "validator"),
        (
            lambda spec: spec["paths"]["/notes"]["options"].update(responses={"204": {}}),
            "Invalid mapping expression",
        ),
        (
            lambda spec: spec["paths"]["/notes"]["options"].update(responses={}),
            "Invalid Response status code",
        ),
        (lambda spec: spec.pop("openapi"), "Invalid OpenAPI input"),
    ],
    ids=["model", "validator", "header", "status", "not-openapi"],
)
def test_an_invalid_document_is_rejected(cloud, change, message):
    spec = json.loads(json.dumps(notes(echo(cloud))))
    change(spec)
    with pytest.raises(ClientError, match=message):
        put(cloud, spec)


def test_stock_does_not_import_documents(stock):
    with pytest.raises(ClientError, match="PutRestApi"):
        put(stock, notes("arn:aws:lambda:us-east-1:000000000000:function:f"))
