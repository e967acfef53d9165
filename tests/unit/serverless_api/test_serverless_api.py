"""ServerlessApi: one document in, one API out; what it refuses; when it deploys anew."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.serverless_api import ServerlessApi
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tests.unit.conftest import statements

DOCUMENT: dict[str, Any] = yaml.safe_load("""
openapi: 3.0.3
info: { title: notes, version: "1" }
paths:
  /notes:
    get:
      operationId: listNotes
      security: [{ users: [notes/read] }]
      parameters: [{ $ref: "#/components/parameters/next" }]
      responses: { "200": { description: notes } }
    post:
      operationId: createNote
      security: [{ users: [notes/write] }]
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } }
      responses: { "201": { description: a note } }
  /notes/{noteId}:
    parameters: [{ name: noteId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getNote
      security: [{ users: [notes/read] }]
      parameters: [{ name: If-None-Match, in: header, schema: { type: string } }]
      responses: { "200": { description: a note } }
  /health:
    get:
      operationId: getHealth
      security: []
      responses: { "200": { description: fine } }
components:
  parameters:
    next: { name: next, in: query, schema: { type: string } }
  schemas:
    Note: { type: object, required: [text], properties: { text: { type: string, maxLength: 100 } } }
  securitySchemes:
    users: { type: http, scheme: bearer }
""")
OPERATIONS = {
    "listNotes": "read",
    "getNote": "read",
    "createNote": "write",
    "getHealth": "read",
}


@pytest.fixture
def notes(tmp_path: Path) -> dict[str, Any]:
    """Arguments of an API with two functions of the user's own."""
    (tmp_path / "app.py").write_text("def handler(event, context): return {'statusCode': 200}\n")
    return {
        "openapi": json.dumps(DOCUMENT),
        "operations": OPERATIONS,
        "api_functions": {
            "read": {"code": str(tmp_path), "libraries": []},
            "write": {"code": str(tmp_path), "libraries": []},
        },
        "users": {"callback_urls": ["http://localhost:8080/"]},
        "functions": {"python": PYTHON},
    }


def body(graph: Built) -> dict[str, Any]:
    return json.loads(graph.one("notes-api").inputs["body"])


def changed(**paths: Any) -> str:
    """The document with values put at dotted paths, `__` for a dot; None takes the key away."""
    document = copy.deepcopy(DOCUMENT)
    for path, value in paths.items():
        *parents, last = path.split("__")
        target = document
        for part in parents:
            target = target[{"notes": "/notes", "health": "/health"}.get(part, part)]
        if value is None:
            target.pop(last)
        else:
            target[last] = value
    return json.dumps(document)


def test_functions_have_the_concurrency_that_they_are_given(build: Build, notes: dict):
    notes["functions"]["reserved_concurrency"] = 50
    notes["api_functions"]["write"]["reserved_concurrency"] = 0
    graph = build(lambda: ServerlessApi("notes", notes))
    reserved = {each.name: each.inputs["reservedConcurrentExecutions"] for each in graph.functions}
    assert reserved == {"notes-function-read": 50, "notes-function-write": 0}


def test_every_operation_invokes_its_function_by_the_live_alias(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    live = {
        key: graph.one(f"notes-function-{key}-live").outputs["arn"] for key in ("read", "write")
    }
    paths = body(graph)["paths"]
    for path, method, key in (
        ("/notes", "get", "read"),
        ("/notes", "post", "write"),
        ("/notes/{noteId}", "get", "read"),
    ):
        integration = paths[path][method]["x-amazon-apigateway-integration"]
        assert integration["type"] == "aws_proxy" and integration["httpMethod"] == "POST"
        assert f"functions/{live[key]}/invocations" in integration["uri"]


def test_the_gateway_may_invoke_each_function(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    for permission in graph.of("Permission"):
        assert permission.inputs["principal"] == "apigateway.amazonaws.com"
        assert permission.inputs["sourceArn"].endswith("/*")
    assert len(graph.of("Permission")) == 2


def test_the_gateway_validates_before_a_function_is_paid_for(build: Build, notes: dict):
    rendered = body(build(lambda: ServerlessApi("notes", notes)))
    validator = rendered["x-amazon-apigateway-request-validator"]
    assert rendered["x-amazon-apigateway-request-validators"][validator] == {
        "validateRequestBody": True,
        "validateRequestParameters": True,
    }
    assert rendered["components"]["schemas"] == DOCUMENT["components"]["schemas"]


def test_users_are_checked_by_the_pool_with_the_scopes_of_the_route(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    rendered = body(graph)
    authorizer = rendered["components"]["securitySchemes"]["users"]
    pool = graph.one("notes-users").outputs["arn"]
    assert authorizer["x-amazon-apigateway-authorizer"]["providerARNs"] == [pool]
    assert rendered["paths"]["/notes"]["get"]["security"] == [{"users": ["notes/read"]}]
    assert rendered["paths"]["/health"]["get"]["security"] == []
    server = graph.one("notes-scopes-notes").inputs
    assert [scope["scopeName"] for scope in server["scopes"]] == ["read", "write"]
    assert {"notes/read", "notes/write"} <= set(
        graph.one("notes-client").inputs["allowedOauthScopes"]
    )


def test_pages_of_the_origins_may_read_every_answer(build: Build, notes: dict):
    notes["allowed_origins"] = ["https://a.example.com", "https://b.example.com"]
    rendered = body(build(lambda: ServerlessApi("notes", notes)))
    for path, item in rendered["paths"].items():
        preflight = item["options"]["x-amazon-apigateway-integration"]
        assert preflight["type"] == "mock", path
        template = preflight["responses"]["default"]["responseTemplates"]["application/json"]
        assert all(origin in template for origin in notes["allowed_origins"])
    for response in rendered["x-amazon-apigateway-gateway-responses"].values():
        assert response["responseParameters"]
    assert (
        "options"
        not in body(build(lambda: ServerlessApi("notes", {**notes, "allowed_origins": []})))[
            "paths"
        ]["/notes"]
    )


def trigger(graph: Built) -> str:
    return graph.one("notes-deployment").inputs["triggers"]["document"]


def test_nothing_edited_means_no_new_deployment(build: Build, notes: dict):
    first = build(lambda: ServerlessApi("notes", notes))
    again = build(lambda: ServerlessApi("notes", {**notes, "openapi": yaml.safe_dump(DOCUMENT)}))
    assert trigger(first) == trigger(again)


@pytest.mark.parametrize(
    "edit",
    [
        {"openapi": changed(paths__notes__get__summary="all notes")},
        {"openapi": changed(paths__health__get__security=[{"users": []}])},
        {"openapi": changed(components__schemas__Note={"type": "object"})},
        {"openapi": changed(paths__notes__get__responses={"200": {"description": "x"}})},
        {"allowed_origins": ["https://example.com"]},
        {"operations": {**OPERATIONS, "getHealth": "write"}},
        {"cache": {"operations": {"listNotes": []}}},
    ],
    ids=["route", "policy", "model", "response", "gateway response", "function", "cache key"],
)
def test_an_edit_means_one_new_deployment(build: Build, notes: dict, edit: dict):
    before = build(lambda: ServerlessApi("notes", notes))
    after = build(lambda: ServerlessApi("notes", {**notes, **edit}))
    assert trigger(before) != trigger(after)
    assert len(after.of("Deployment")) == 1


def test_a_cached_answer_is_kept_apart_by_path_query_and_caller(build: Build, notes: dict):
    notes["cache"] = {"operations": {"listNotes": [], "getNote": []}, "ttl_seconds": 30}
    notes["allowed_origins"] = ["https://example.com"]
    graph = build(lambda: ServerlessApi("notes", notes))
    paths = body(graph)["paths"]
    keys = {
        path: paths[path]["get"]["x-amazon-apigateway-integration"]["cacheKeyParameters"]
        for path in ("/notes", "/notes/{noteId}")
    }
    caller = "method.request.header.Authorization"
    page = "method.request.header.Origin"
    known = "method.request.header.If-None-Match"
    assert keys["/notes"] == ["method.request.querystring.next", caller, page]
    assert keys["/notes/{noteId}"] == ["method.request.path.noteId", known, caller, page]
    declared = [each["name"] for each in paths["/notes"]["get"]["parameters"][-2:]]
    assert declared == ["Authorization", "Origin"]
    settings = graph.one("notes-cache-getNote").inputs
    assert settings["methodPath"] == "notes/{noteId}/GET"
    assert settings["settings"]["cacheDataEncrypted"] is True
    assert settings["settings"]["cacheTtlInSeconds"] == 30
    assert settings["settings"]["requireAuthorizationForCacheControl"] is True
    assert graph.one("notes-stage").inputs["cacheClusterEnabled"] is True


def test_one_users_answer_cannot_be_cached_for_another(build: Build, notes: dict):
    notes["cache"] = {"operations": {"listNotes": ["querystring.next"]}}
    with pytest.raises(ValueError, match=r"listNotes: one user's answer would be shown to another"):
        build(lambda: ServerlessApi("notes", notes))


def test_the_stage_logs_requests_without_what_users_type(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    stage = graph.one("notes-stage").inputs
    fields = json.loads(stage["accessLogSettings"]["format"])
    assert fields["path"] == "$context.resourcePath" and stage["xrayTracingEnabled"] is True
    settings = graph.one("notes-settings").inputs["settings"]
    assert settings["dataTraceEnabled"] is False and settings["loggingLevel"] == "ERROR"
    assert settings["throttlingRateLimit"] == 100


def test_the_account_role_for_logs_is_left_to_others_when_asked(build: Build, notes: dict):
    assert build(lambda: ServerlessApi("notes", notes)).of("Account")
    assert not build(lambda: ServerlessApi("notes", {**notes, "account_logging": False})).of(
        "Account"
    )


def test_users_keep_their_pool_and_their_tokens_are_short_lived(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    pool, client = graph.one("notes-users").inputs, graph.one("notes-client").inputs
    assert pool["deletionProtection"] == "ACTIVE"
    assert pool["schemas"][0]["stringAttributeConstraints"] == {
        "minLength": "3",
        "maxLength": "256",
    }
    assert client["allowedOauthFlows"] == ["code"]
    assert client["generateSecret"] is False
    assert client["enableTokenRevocation"] is True
    assert client["refreshTokenRotation"]["feature"] == "ENABLED"
    assert client["preventUserExistenceErrors"] == "ENABLED"
    assert graph.one("notes-login").inputs["managedLoginVersion"] == 2


def test_an_existing_pool_is_taken_as_it_is(build: Build, notes: dict):
    arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_mine"
    notes["users"] = {**notes["users"], "user_pool_arn": arn}
    notes["user_folder"] = {}
    graph = build(lambda: ServerlessApi("notes", notes))
    assert not graph.of("UserPool") and not graph.of("UserPoolDomain")
    assert graph.one("notes").outputs["user_pool_id"] == "eu-west-1_mine"
    provider = graph.one("notes-identities").inputs["cognitoIdentityProviders"][0]["providerName"]
    assert provider == "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_mine"


def test_a_users_role_reaches_the_own_folder_only(build: Build, notes: dict):
    notes["user_folder"] = {"table_arn": "arn:aws:dynamodb:us-east-1:1:table/notes"}
    graph = build(lambda: ServerlessApi("notes", notes))
    bucket = graph.one("notes-files").outputs["arn"]
    files, listing, rows = statements(graph.one("notes-user-policy").inputs["policy"])
    assert files["Resource"] == [f"{bucket}/users/${{aws:PrincipalTag/sub}}/*"]
    assert listing["Condition"] == {
        "StringLike": {"s3:prefix": ["users/${aws:PrincipalTag/sub}/*"]}
    }
    assert rows["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/sub}"]}
    }
    assert graph.one("notes-identities-sub").inputs["principalTags"] == {"sub": "sub"}
    (trust,) = statements(graph.one("notes-user-role").inputs["assumeRolePolicy"])
    assert trust["Condition"]["StringEquals"] == {
        "cognito-identity.amazonaws.com:aud": graph.one("notes-identities").id
    }


def test_clients_with_keys_share_a_plan_each_with_its_own_limits(build: Build, notes: dict):
    notes["openapi"] = changed(paths__health__get__security=[{"apiKey": []}])
    notes["usage_plan"] = {"clients": ["shop", "till"], "rate_limit": 5}
    graph = build(lambda: ServerlessApi("notes", notes))
    assert len(graph.of("ApiKey")) == len(graph.of("UsagePlanKey")) == 2
    assert graph.one("notes-plan").inputs["throttleSettings"]["rateLimit"] == 5
    assert body(graph)["components"]["securitySchemes"]["apiKey"]["name"] == "x-api-key"
    assert body(graph)["paths"]["/health"]["get"]["security"] == [{"apiKey": []}]


def test_requirements_of_the_whole_document_hold_for_each_operation(build: Build, notes: dict):
    document = json.loads(changed(paths__health__get__security=None))
    document["security"] = [{"apiKey": []}]
    notes |= {"openapi": json.dumps(document), "usage_plan": {"clients": ["shop"]}}
    rendered = body(build(lambda: ServerlessApi("notes", notes)))
    assert rendered["paths"]["/health"]["get"]["security"] == [{"apiKey": []}]
    assert rendered["paths"]["/notes"]["get"]["security"] == [{"users": ["notes/read"]}]


def test_a_domain_of_ones_own(build: Build, notes: dict):
    notes["domain"] = {"name": "api.example.com", "zone_id": "Z1"}
    graph = build(lambda: ServerlessApi("notes", notes))
    # API Gateway goes by the API's own policy, whatever that of the domain.
    assert "_TLS13_1_2_" in graph.one("notes-api").inputs["securityPolicy"]
    assert graph.one("notes-domain").inputs["securityPolicy"] == "TLS_1_2"
    assert {each.inputs["type"] for each in graph.of("Record")} >= {"A", "AAAA"}
    assert graph.one("notes").outputs["url"] == "https://api.example.com"


@pytest.mark.parametrize(("count_only", "action"), [(False, "block"), (True, "count")])
def test_a_firewall_blocks_or_counts(build: Build, notes: dict, count_only: bool, action: str):
    notes["web_acl"] = {"count_only": count_only}
    graph = build(lambda: ServerlessApi("notes", notes))
    rules = graph.one("notes-web-acl").inputs["rules"]
    assert list(rules[-1]["action"]) == [action]
    assert len(rules) == 3 and graph.one("notes-web-acl").inputs["scope"] == "REGIONAL"


def test_a_release_shifts_the_aliases_and_watches_the_alarms(build: Build, notes: dict):
    notes["release"] = {"strategy": "LambdaLinear10PercentEvery1Minute"}
    graph = build(lambda: ServerlessApi("notes", notes))
    groups = graph.of("DeploymentGroup")
    functions = {each.outputs["name"] for each in graph.of("Function")}
    assert {each.inputs["deploymentGroupName"] for each in groups} == functions
    application = graph.one("notes-releases").outputs["name"]
    assert graph.one("notes").outputs["release_application"] == application
    for group in groups:
        name = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
        assert group.inputs["deploymentConfigName"] == name
        assert len(group.inputs["alarmConfiguration"]["alarms"]) >= 3


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"openapi": "a: [b"}, "openapi: is neither YAML nor JSON"),
        ({"openapi": "swagger: '2.0'"}, "openapi: 'openapi' is ''; API Gateway imports 3.0.x"),
        (
            {"openapi": changed(paths__health__get__operationId=None)},
            "GET /health has no operation",
        ),
        ({"openapi": changed(paths__health__get__operationId="getNote")}, "/health shares its id"),
        ({"openapi": changed(paths__health__get__security=None)}, "'getHealth' has no security"),
        ({"openapi": changed(paths__health__get__security=[{"basic": []}])}, "guarded by 'basic'"),
        ({"openapi": changed(paths__health__get__security=[{"apiKey": []}])}, "usage_plan: needed"),
        ({"operations": {**OPERATIONS, "x": "read"}}, "operations: 'x' is no operation"),
        ({"operations": {**OPERATIONS, "getNote": "x"}}, "'getNote': there is no function 'x'"),
        (
            {"operations": {k: v for k, v in OPERATIONS.items() if k != "getNote"}},
            "operation 'getNote' has no function",
        ),
        ({"operations": dict.fromkeys(OPERATIONS, "read")}, "'write' answers no operation"),
        ({"allowed_origins": ["*"]}, "allowed_origins: '*' is no origin"),
        ({"allowed_origins": ["https://example.com/"]}, "'https://example.com/' is no origin"),
        ({"allowed_origins": ["http://example.com"]}, "'http://example.com' is no origin"),
        ({"cache": {"operations": {"createNote": []}}}, "createNote: only GET is cached"),
        ({"cache": {"operations": {"x": []}}}, "cache.operations.x: is no operation"),
        ({"cache": {"operations": {}, "ttl_seconds": 0}}, "ttl_seconds: is 0"),
        ({"api_functions": {"read": {"memory": 1}}}, "memory: is 1; give a number of MiB"),
        ({"api_functions": {"read": {"reserved_concurrency": -1}}}, "reserved_concurrency: is -1"),
        ({"functions": {"reserved_concurrency": 1.5e5}}, "reserved_concurrency: is 150000.0"),
        ({"api_functions": {"read": {}}}, "give either 'code' or 'function_arn'"),
        ({"release": {"strategy": "slowly"}}, "strategy: is 'slowly'; give one of"),
        ({"web_acl": {"requests_per_five_minutes": 1}}, "requests_per_five_minutes: is 1"),
        ({"users": {"callback_urls": []}}, "callback_urls: is empty"),
        ({"users": {"callback_urls": ["http://x.com/"]}}, "'http://x.com/' is not https"),
        ({"users": {"callback_urls": ["https://x.com/"], "mfa": "MAYBE"}}, "mfa: is 'MAYBE'"),
        ({"usage_plan": {"clients": []}}, "clients: is empty"),
        ({"throttle": {"rate_limit": 0, "burst_limit": 1}}, "rate_limit: is 0"),
    ],
)
def test_bad_arguments_are_refused_by_name(build: Build, notes: dict, given: dict, problem: str):
    with pytest.raises(ValueError, match="ServerlessApi 'notes'") as caught:
        build(lambda: ServerlessApi("notes", {**notes, **given}))
    assert problem in str(caught.value)


def test_a_missing_document_is_refused_by_name(build: Build):
    with pytest.raises(ValueError, match=r"ServerlessApi 'notes'[\s\S]*openapi: is missing"):
        build(lambda: ServerlessApi("notes", {"operations": {}, "api_functions": {}}))
