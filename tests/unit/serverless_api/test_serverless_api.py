"""ServerlessApi: the API of an OpenAPI document, its validation, and its deployments."""

import copy
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components._blocks.access import call
from components.serverless_api import ServerlessApi
from components.static_site import StaticSite
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tests.unit.policies import statements

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
PLACES = {"path": "path", "query": "querystring", "header": "header"}
OPERATIONS = {
    "listNotes": "read",
    "getNote": "read",
    "createNote": "write",
    "getHealth": "read",
}


@pytest.fixture
def notes(tmp_path: Path) -> dict[str, Any]:
    """Return the arguments of an API with two functions of the caller."""
    (tmp_path / "app.py").write_text("def handler(event, context): return {'statusCode': 200}\n")
    return {
        "openapi": json.dumps(DOCUMENT),
        "operations": OPERATIONS,
        "api_functions": {
            "read": {"code": str(tmp_path)},
            "write": {"code": str(tmp_path)},
        },
        "users": {"callback_urls": ["http://localhost:8080/"]},
        "functions": {"python": PYTHON},
    }


def body(graph: Built) -> dict[str, Any]:
    return json.loads(graph.one("notes-api").inputs["body"])


def changed(**paths: Any) -> str:
    """Return the document with some values changed. `__` separates keys; None removes a key."""
    document = copy.deepcopy(DOCUMENT)
    for path, value in paths.items():
        names = {"notes": "/notes", "note": "/notes/{noteId}", "health": "/health"}
        *parents, last = (names.get(part, part) for part in path.split("__"))
        target = document
        for part in parents:
            target = target[part]
        if value is None:
            target.pop(last)
        else:
            target[last] = value
    return json.dumps(document)


def at(path: str) -> str:
    """Return the document with the health check at another path."""
    document = copy.deepcopy(DOCUMENT)
    document["paths"][path] = document["paths"].pop("/health")
    return json.dumps(document)


def test_unquoted_status_codes_are_text(build: Build, notes: dict):
    text = yaml.safe_dump(DOCUMENT).replace("'200':", "200:")
    assert "200:" in text
    graph = build(lambda: ServerlessApi("notes", {**notes, "openapi": text}))
    assert "200" in body(graph)["paths"]["/health"]["get"]["responses"]


def test_schemas_are_those_that_api_gateway_imports(build: Build, notes: dict):
    note = {
        "type": "object",
        "discriminator": {"propertyName": "kind"},
        "example": {"$ref": "kept out", "schema": {"nullable": True}},
        "properties": {
            "kind": {"type": "string", "enum": ["a"], "nullable": True, "default": "a"},
            "size": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "readOnly": True},
            "default": {"type": "string", "x-internal": 1, "deprecated": True},
            "parts": {"type": "array", "items": {"type": "number", "nullable": True}},
        },
        "additionalProperties": False,
        "allOf": [{"properties": {"text": {"type": "string", "xml": {"name": "t"}}}}],
    }
    document = json.loads(changed(components__schemas__Note=note))
    inline = {"type": "string", "nullable": True, "example": "x"}
    document["paths"]["/health"]["get"]["responses"]["200"]["headers"] = {"X": {"schema": inline}}
    graph = build(lambda: ServerlessApi("notes", {**notes, "openapi": json.dumps(document)}))
    rendered = body(graph)
    assert rendered["components"]["schemas"]["Note"] == {
        "type": "object",
        "properties": {
            "kind": {"type": ["string", "null"], "enum": ["a", None]},
            "size": {"type": "integer", "minimum": 0},
            "default": {"type": "string"},
            "parts": {"type": "array", "items": {"type": ["number", "null"]}},
        },
        "additionalProperties": False,
        "allOf": [{"properties": {"text": {"type": "string"}}}],
    }
    headers = rendered["paths"]["/health"]["get"]["responses"]["200"]["headers"]
    assert headers["X"]["schema"] == {"type": ["string", "null"]}


def test_functions_have_their_reserved_concurrency(build: Build, notes: dict):
    notes["functions"]["reserved_concurrency"] = 50
    notes["api_functions"]["write"]["reserved_concurrency"] = 0
    graph = build(lambda: ServerlessApi("notes", notes))
    reserved = {each.name: each.inputs["reservedConcurrentExecutions"] for each in graph.functions}
    assert reserved == {"notes-function-read": 50, "notes-function-write": 0}


def test_every_operation_invokes_the_live_alias_of_its_function(build: Build, notes: dict):
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


def test_the_gateway_can_invoke_each_function(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    for permission in graph.of("Permission"):
        assert permission.inputs["principal"] == "apigateway.amazonaws.com"
        assert permission.inputs["sourceArn"].endswith("/*")
    assert len(graph.of("Permission")) == 2


def test_the_gateway_validates_requests_before_it_invokes_a_function(build: Build, notes: dict):
    rendered = body(build(lambda: ServerlessApi("notes", notes)))
    validator = rendered["x-amazon-apigateway-request-validator"]
    assert rendered["x-amazon-apigateway-request-validators"][validator] == {
        "validateRequestBody": True,
        "validateRequestParameters": True,
    }
    assert rendered["components"]["schemas"] == DOCUMENT["components"]["schemas"]


def test_the_authorizer_requires_the_scopes_of_each_route(build: Build, notes: dict):
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


def test_every_response_allows_the_origins(build: Build, notes: dict):
    notes["allowed_origins"] = ["https://a.example.com", "https://b.example.com"]
    rendered = body(build(lambda: ServerlessApi("notes", notes)))
    for path, item in rendered["paths"].items():
        preflight = item["options"]["x-amazon-apigateway-integration"]
        assert preflight["type"] == "mock", path
        template = preflight["responses"]["default"]["responseTemplates"]["application/json"]
        for spelling in ("Origin", "origin"):
            assert f'$input.params("{spelling}")' in template
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


def test_an_unchanged_document_creates_no_new_deployment(build: Build, notes: dict):
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
        {"cache": {"cache_keys": {"listNotes": []}}},
    ],
    ids=["route", "policy", "model", "response", "gateway response", "function", "cache key"],
)
def test_a_change_creates_one_new_deployment(build: Build, notes: dict, edit: dict):
    before = build(lambda: ServerlessApi("notes", notes))
    after = build(lambda: ServerlessApi("notes", {**notes, **edit}))
    assert trigger(before) != trigger(after)
    assert len(after.of("Deployment")) == 1


def test_cache_keys_contain_path_query_and_caller(build: Build, notes: dict):
    notes["cache"] = {"cache_keys": {"listNotes": [], "getNote": []}, "ttl_seconds": 30}
    notes["allowed_origins"] = ["https://example.com"]
    graph = build(lambda: ServerlessApi("notes", notes))
    paths = body(graph)["paths"]
    keys = {
        path: paths[path]["get"]["x-amazon-apigateway-integration"]["cacheKeyParameters"]
        for path in ("/notes", "/notes/{noteId}")
    }
    authorization = "method.request.header.Authorization"
    request_origin = "method.request.header.Origin"
    etag = "method.request.header.If-None-Match"
    lowercase = [authorization.lower(), request_origin.lower()]
    assert keys["/notes"] == [
        "method.request.querystring.next",
        authorization,
        request_origin,
        *lowercase,
    ]
    assert keys["/notes/{noteId}"] == [
        "method.request.path.noteId",
        etag,
        authorization,
        request_origin,
        etag.lower(),
        *lowercase,
    ]
    for path, item in paths.items():
        declared = {
            f"method.request.{PLACES[each['in']]}.{each['name']}"
            for each in [*item.get("parameters", ()), *item["get"].get("parameters", ())]
            if "in" in each
        }
        assert declared >= {each for each in keys.get(path, ()) if ".header." in each}
    settings = graph.one("notes-settings-getNote").inputs
    assert settings["methodPath"] == "~1notes~1{noteId}/GET"
    assert settings["settings"]["cacheDataEncrypted"] is True
    before = [each.rsplit("::", 1)[-1] for each in graph.one("notes-settings-getNote").aliases]
    assert "notes-cache-getNote" in before, "its name in earlier versions"
    assert settings["settings"]["cacheTtlInSeconds"] == 30
    assert settings["settings"]["requireAuthorizationForCacheControl"] is True
    assert graph.one("notes-stage").inputs["cacheClusterEnabled"] is True


def test_operations_can_have_limits_of_their_own(build: Build, notes: dict):
    notes["operation_throttles"] = {"createNote": {"rate_limit": 1, "burst_limit": 5}}
    graph = build(lambda: ServerlessApi("notes", notes))
    settings = {each.inputs["methodPath"]: each.inputs for each in graph.of("MethodSettings")}
    assert settings.keys() == {"*/*", "~1notes/POST"}
    limits = {
        path: (each["settings"]["throttlingRateLimit"], each["settings"]["throttlingBurstLimit"])
        for path, each in settings.items()
    }
    assert limits == {"*/*": (100, 200), "~1notes/POST": (1, 5)}
    assert settings["~1notes/POST"]["settings"]["cachingEnabled"] is False
    assert settings["~1notes/POST"]["settings"]["dataTraceEnabled"] is False


def test_a_cached_operation_with_limits_has_one_resource_for_both(build: Build, notes: dict):
    """The provider deletes the settings of a method as a whole, also those of another resource."""
    notes["cache"] = {"cache_keys": {"getNote": []}, "ttl_seconds": 30}
    notes["operation_throttles"] = {"getNote": {"rate_limit": 7, "burst_limit": 9}}
    graph = build(lambda: ServerlessApi("notes", notes))
    (made,) = [e for e in graph.of("MethodSettings") if e.inputs["methodPath"] != "*/*"]
    settings = made.inputs["settings"]
    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (7, 9)
    assert (settings["cachingEnabled"], settings["cacheTtlInSeconds"]) == (True, 30)
    uncached = {key: each for key, each in notes.items() if key != "cache"}
    after = build(lambda: ServerlessApi("notes", uncached)).one(made.name)
    assert after.urn == made.urn, "or its deletion would remove the limits"


def test_functions_and_not_the_gateway_require_headers(build: Build, notes: dict):
    """API Gateway might not recognize the spelling in which a header arrives."""
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
    }
    page = {"name": "page", "in": "query", "required": True, "schema": {"type": "string"}}
    document = copy.deepcopy(DOCUMENT)
    document["components"]["parameters"]["key"] = key
    document["paths"]["/notes"]["parameters"] = [key, page]
    document["paths"]["/notes"]["post"]["parameters"] = [
        key,
        {"$ref": "#/components/parameters/key"},
    ]
    notes["openapi"] = json.dumps(document)
    rendered = body(build(lambda: ServerlessApi("notes", notes)))
    own, required = rendered["paths"]["/notes"]["parameters"]
    assert required == page
    shared = rendered["components"]["parameters"]["key"]
    for each in (own, shared, rendered["paths"]["/notes"]["post"]["parameters"][0]):
        assert each["name"] == "Idempotency-Key" and "required" not in each


def test_responses_cannot_be_cached_across_users(build: Build, notes: dict):
    notes["cache"] = {"cache_keys": {"listNotes": ["querystring.next"]}}
    problem = r'cache_keys\["listNotes"\]: would return one user\'s response to another user; add'
    with pytest.raises(ValueError, match=problem):
        build(lambda: ServerlessApi("notes", notes))


def test_the_logs_of_the_stage_contain_no_user_input(build: Build, notes: dict):
    graph = build(lambda: ServerlessApi("notes", notes))
    stage = graph.one("notes-stage").inputs
    fields = json.loads(stage["accessLogSettings"]["format"])
    assert fields["path"] == "$context.resourcePath" and stage["xrayTracingEnabled"] is True
    settings = graph.one("notes-settings").inputs["settings"]
    assert settings["dataTraceEnabled"] is False and settings["loggingLevel"] == "ERROR"
    assert settings["throttlingRateLimit"] == 100


def test_the_account_role_for_logs_is_optional(build: Build, notes: dict):
    assert build(lambda: ServerlessApi("notes", notes)).of("Account")
    assert not build(lambda: ServerlessApi("notes", {**notes, "account_logging": False})).of(
        "Account"
    )


def test_the_user_pool_is_protected_and_its_tokens_can_be_revoked(build: Build, notes: dict):
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


@pytest.mark.parametrize("name", ["Notes", "my_notes", "awsome", "my-cognito", "-notes", "n" * 54])
def test_a_name_that_the_domain_of_managed_login_cannot_have_is_refused(
    build: Build, notes: dict, name: str
):
    with pytest.raises(ValueError, match=rf"name: is '{name}'; it must be lowercase letters"):
        build(lambda: ServerlessApi(name, notes))
    arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_mine"
    notes["users"] = {**notes["users"], "user_pool_arn": arn}
    assert not build(lambda: ServerlessApi(name, notes)).of("UserPoolDomain")


def test_an_existing_user_pool_is_not_changed(build: Build, notes: dict):
    arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_mine"
    notes["users"] = {**notes["users"], "user_pool_arn": arn}
    notes["user_folder"] = {}
    graph = build(lambda: ServerlessApi("notes", notes))
    assert not graph.of("UserPool") and not graph.of("UserPoolDomain")
    assert graph.one("notes").outputs["user_pool_id"] == "eu-west-1_mine"
    provider = graph.one("notes-identities").inputs["cognitoIdentityProviders"][0]["providerName"]
    assert provider == "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_mine"


def test_a_user_can_access_only_their_own_folder(build: Build, notes: dict):
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


def test_clients_with_api_keys_share_a_usage_plan(build: Build, notes: dict):
    notes["openapi"] = changed(paths__health__get__security=[{"apiKey": []}])
    notes["usage_plan"] = {"clients": ["shop", "till"], "rate_limit": 5}
    graph = build(lambda: ServerlessApi("notes", notes))
    assert len(graph.of("ApiKey")) == len(graph.of("UsagePlanKey")) == 2
    assert graph.one("notes-plan").inputs["throttleSettings"]["rateLimit"] == 5
    assert body(graph)["components"]["securitySchemes"]["apiKey"]["name"] == "x-api-key"
    assert body(graph)["paths"]["/health"]["get"]["security"] == [{"apiKey": []}]


SIGNED = [{"iam": []}]


def test_callers_with_a_role_sign_their_requests(build: Build, notes: dict):
    notes["openapi"] = changed(
        paths__health__get__security=SIGNED, paths__note__get__security=SIGNED
    )

    def program() -> None:
        api = ServerlessApi("notes", notes)
        granted = api.grant_call("notes", ["getHealth", "getNote"])
        caller = {**notes, "openapi": json.dumps(DOCUMENT)}
        caller["api_functions"] = {
            **notes["api_functions"],
            "read": {**notes["api_functions"]["read"], "access": [granted]},
        }
        ServerlessApi("caller", caller)

    graph = build(program)
    scheme = body(graph)["components"]["securitySchemes"]["iam"]
    assert scheme["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert body(graph)["paths"]["/notes/{noteId}"]["get"]["security"] == SIGNED
    policy = statements(graph.one("caller-function-read-policy").inputs["policy"])
    (allowed,) = (each for each in policy if each["Action"] == ["execute-api:Invoke"])
    arn = graph.one("notes-api").outputs["executionArn"]
    assert allowed["Resource"] == [f"{arn}/live/GET/health", f"{arn}/live/GET/notes/*"]
    variables = graph.one("caller-function-read").inputs["environment"]["variables"]
    assert variables["NOTES_URL"] == graph.one("notes").outputs["url"]


@pytest.mark.parametrize("operation", ["listNotes", "missing"])
def test_only_operations_with_a_signature_can_be_granted(build: Build, notes: dict, operation: str):
    with pytest.raises(ValueError, match=f"'{operation}' is no operation with the scheme 'iam'"):
        build(lambda: ServerlessApi("notes", notes).grant_call("notes", [operation]))


def test_a_function_joins_the_groups_of_the_services_that_it_calls(build: Build, notes: dict):
    access = [
        call("catalogue", "http://catalogue", security_group_ids=["sg-clients"]),
        call("stock", "http://stock", security_group_ids=["sg-clients"]),
    ]
    vpc = {"subnet_ids": ["subnet-a", "subnet-b"], "security_group_ids": ["sg-own"]}
    notes["api_functions"]["read"] |= {"access": access, "vpc": vpc}
    function = build(lambda: ServerlessApi("notes", notes)).one("notes-function-read")
    assert function.inputs["vpcConfig"]["securityGroupIds"] == ["sg-own", "sg-clients"]
    variables = function.inputs["environment"]["variables"]
    assert variables["CATALOGUE_URL"] == "http://catalogue"
    assert variables["STOCK_URL"] == "http://stock"


def test_operations_inherit_the_security_of_the_document(build: Build, notes: dict):
    document = json.loads(changed(paths__health__get__security=None))
    document["security"] = [{"apiKey": []}]
    notes |= {"openapi": json.dumps(document), "usage_plan": {"clients": ["shop"]}}
    rendered = body(build(lambda: ServerlessApi("notes", notes)))
    assert rendered["paths"]["/health"]["get"]["security"] == [{"apiKey": []}]
    assert rendered["paths"]["/notes"]["get"]["security"] == [{"users": ["notes/read"]}]


def user_actions(graph: Built) -> set[str]:
    """Return the actions on objects that users have."""
    found = statements(graph.one("notes-user-policy").inputs["policy"])
    return {action for each in found for action in each["Action"] if action.endswith("Object")}


def test_users_can_write_to_their_folders_only_within_limits(build: Build, notes: dict):
    notes["user_folder"] = {}
    graph = build(lambda: ServerlessApi("notes", notes))
    assert user_actions(graph) == {"s3:GetObject"}
    assert not graph.of("BucketNotification")

    writes = {"allowed_media_types": ["image/png", "text/plain"], "max_file_bytes": 100}
    notes["user_folder"] = {"direct_writes": writes}
    graph = build(lambda: ServerlessApi("notes", notes))
    assert user_actions(graph) == {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}
    (notification,) = graph.of("BucketNotification")
    (queue,) = notification.inputs["queues"]
    assert queue["filterPrefix"] == "users/" and queue["events"] == ["s3:ObjectCreated:*"]
    variables = graph.one("notes-folder-limits").inputs["environment"]["variables"]
    assert variables["ALLOWED_MEDIA_TYPES"] == "image/png,text/plain"
    assert (variables["MAX_FILE_BYTES"], variables["MAX_FILES"]) == ("100", "1000")
    mapping = graph.one("notes-folder-limits-mapping").inputs
    assert mapping["eventSourceArn"] == queue["queueArn"]
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_custom_domain_name(build: Build, notes: dict):
    notes["domain"] = {"name": "api.example.com", "zone_id": "Z1"}
    graph = build(lambda: ServerlessApi("notes", notes))
    # The security policy of the API applies, not that of the domain name.
    assert "_TLS13_1_2_" in graph.one("notes-api").inputs["securityPolicy"]
    assert graph.one("notes-domain").inputs["securityPolicy"] == "TLS_1_2"
    assert {each.inputs["type"] for each in graph.of("Record")} >= {"A", "AAAA"}
    assert graph.one("notes").outputs["url"] == "https://api.example.com"


def test_the_host_name_of_api_gateway_can_be_closed(build: Build, notes: dict):
    """The setting takes effect with the next deployment, so it is part of the document."""
    domain = {"name": "api.example.com", "zone_id": "Z1"}
    opened = build(lambda: ServerlessApi("notes", {**notes, "domain": domain}))
    notes["domain"] = {**domain, "default_endpoint": False}
    closed = build(lambda: ServerlessApi("notes", notes))
    assert opened.one("notes-api").inputs["disableExecuteApiEndpoint"] is False
    assert closed.one("notes-api").inputs["disableExecuteApiEndpoint"] is True
    (server,) = body(closed)["servers"]
    extension = server["x-amazon-apigateway-endpoint-configuration"]
    assert extension == {"disableExecuteApiEndpoint": True} and "servers" not in body(opened)
    assert trigger(opened) != trigger(closed)


def passes(statement: dict[str, Any], headers: dict[str, str]) -> bool:
    """Evaluate a statement of WAF, as far as rules about headers need it."""
    ((kind, content),) = statement.items()
    if kind == "notStatement":
        return not passes(content["statement"], headers)
    if kind == "orStatement":
        assert len(content["statements"]) > 1, "WAF refuses an OR of one statement"
        return any(passes(each, headers) for each in content["statements"])
    assert kind == "byteMatchStatement" and content["positionalConstraint"] == "EXACTLY"
    assert content["textTransformations"] == [{"priority": 0, "type": "NONE"}]
    return headers.get(content["fieldToMatch"]["singleHeader"]["name"]) == content["searchString"]


@pytest.mark.parametrize("secrets", [["a" * 32], ["a" * 32, "b" * 32]])
def test_requests_need_one_of_the_origin_secrets(build: Build, notes: dict, secrets: list[str]):
    notes |= {"web_acl": {"count_only": True}, "origin_secrets": secrets}
    acl = build(lambda: ServerlessApi("notes", notes)).one("notes-web-acl")
    *_, rule = acl.inputs["rules"]
    assert list(rule["action"]) == ["block"], "also while the other rules count"
    for secret in secrets:
        assert not passes(rule["statement"], {"x-origin-secret": secret})
    for headers in ({}, {"x-origin-secret": "c" * 32}, {"x-origin-secret": ""}):
        assert passes(rule["statement"], headers)
    assert acl.secrets == ["rules"], "encrypted in the state"


@pytest.mark.parametrize(
    "secret", ["short" * 3, "with spaces in it, of enough characters", "ä" * 40]
)
def test_no_error_shows_an_origin_secret(build: Build, notes: dict, secret: str):
    for given in (lambda: secret, lambda: pulumi.Output.from_input(secret)):

        def program(given: Any = given) -> None:
            args: Any = {**notes, "web_acl": {}, "origin_secrets": [given()]}
            ServerlessApi("notes", args)

        with pytest.raises(Exception, match=r"origin_secrets\[0\]: must have 32 to 128") as caught:
            build(program)
        assert secret not in str(caught.value)


@pytest.mark.parametrize(("count_only", "action"), [(False, "block"), (True, "count")])
def test_the_web_acl_blocks_or_counts(build: Build, notes: dict, count_only: bool, action: str):
    notes["web_acl"] = {"count_only": count_only}
    graph = build(lambda: ServerlessApi("notes", notes))
    rules = graph.one("notes-web-acl").inputs["rules"]
    assert list(rules[-1]["action"]) == [action]
    assert len(rules) == 3 and graph.one("notes-web-acl").inputs["scope"] == "REGIONAL"


def test_the_web_acl_inspects_large_bodies_instead_of_blocking_them(build: Build, notes: dict):
    acl = build(lambda: ServerlessApi("notes", {**notes, "web_acl": {}})).one("notes-web-acl")
    common, known, _ = (each["statement"] for each in acl.inputs["rules"])
    assert common["managedRuleGroupStatement"]["ruleActionOverrides"] == [
        {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
    ]
    for rule in (common, known):
        assert "scopeDownStatement" not in rule["managedRuleGroupStatement"]
    inspected = {"apiGateway": {"defaultSizeInspectionLimit": "KB_64"}}
    assert acl.inputs["associationConfig"] == {"requestBodies": [inspected]}


def test_a_release_shifts_traffic_and_monitors_the_alarms(build: Build, notes: dict):
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
        function = group.name.removesuffix("-release")
        expected = ["notes-5xx", "notes-latency", f"{function}-errors", f"{function}-throttles"]
        # Physical names end with a random suffix.
        watched = [each.rsplit("-", 1)[0] for each in group.inputs["alarmConfiguration"]["alarms"]]
        assert watched == expected


FUNCTIONS = {"read": {"code": "read"}, "write": {"code": "write"}}


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"openapi": "a: [b"}, "openapi: is neither YAML nor JSON"),
        ({"openapi": "- a"}, "openapi: has the version ''"),
        ({"openapi": "swagger: '2.0'"}, "openapi: has the version ''; API Gateway imports OpenAPI"),
        ({"openapi": "openapi: 3.1.0"}, "openapi: has the version '3.1.0'; API Gateway imports"),
        ({"openapi": "openapi: 3.0.3"}, "openapi: has no `paths`"),
        ({"openapi": "{openapi: 3.0.3, paths: {}}"}, "openapi: has no `info`"),
        (
            {
                "openapi": changed(paths__health__get__security=[{"iam": []}]),
                "cache": {"cache_keys": {"getHealth": []}},
            },
            "cache.cache_keys[\"getHealth\"]: requires the scheme 'iam'; its response would",
        ),
        (
            {
                "api_functions": {
                    "write": {"code": "write"},
                    "read": {
                        "code": "read",
                        "access": [call("stock", "u", security_group_ids=["sg-1"])],
                    },
                }
            },
            'api_functions["read"].access[0].security_group_ids: are for members of a VPC; the',
        ),
        ({"openapi": changed(paths__health=None)}, 'operations["getHealth"]: is not an operation'),
        ({"openapi": changed(paths__health=[])}, "openapi: must have a map as /health"),
        ({"openapi": changed(paths__health__get="x")}, "openapi: must have a map as GET /health"),
        (
            {"openapi": changed(paths__health__get__security="users")},
            "openapi: must have a list of maps as the security of GET /health",
        ),
        (
            {"openapi": changed(paths__health__get__parameters=["next"])},
            "openapi: must have a list of maps as the parameters of GET /health",
        ),
        (
            {"openapi": changed(components__parameters__next=None)},
            "openapi: has no '#/components/parameters/next', to which paths./notes.get.parameters",
        ),
        ({"openapi": changed(paths__health={})}, "openapi: has no operation at /health"),
        (
            {"openapi": changed(paths__health={"$ref": "#/paths/~1notes"})},
            "openapi: has a `$ref` as paths./health; API Gateway imports no such paths",
        ),
        (
            {"openapi": changed(components__schemas__Extra={"$ref": "other.yaml#/Note"})},
            "refers to 'other.yaml#/Note' at components.schemas.Extra; name a part of this",
        ),
        (
            {"openapi": changed(components__schemas__Extra={"items": {"$ref": "#/nowhere"}})},
            "has no '#/nowhere', to which components.schemas.Extra.items refers",
        ),
        (
            {"openapi": at("/notes/{noteId}.json")},
            "has the path '/notes/{noteId}.json'; each seg",
        ),
        (
            {
                "openapi": changed(
                    components__parameters__next={"$ref": "#/components/parameters/next"}
                )
            },
            "has a parameter of GET /notes that refers to itself",
        ),
        (
            {"openapi": "{openapi: 3.0.3, info: {}, paths: {}, x: &a [*a]}"},
            "has an alias of a part inside of that part",
        ),
        (
            {"openapi": changed(components__schemas__Extra={"$ref": "#/paths/~1notes/get/tags/0"})},
            "has no '#/paths/~1notes/get/tags/0'",
        ),
        ({"openapi": at("/notes//x")}, "has the path '/notes//x'; each segment"),
        ({"openapi": at("/größe")}, "has the path '/größe'; each segment"),
        ({"openapi": at("notes2")}, "has the path 'notes2'; each segment"),
        ({"openapi": at("/{all+}/x")}, "has the path '/{all+}/x'; only its last segment can be"),
        (
            {"openapi": yaml.safe_dump(DOCUMENT) + "security: [{apiKey: []}]\nsecurity: []\n"},
            "found duplicate key",
        ),
        (
            {"openapi": changed(paths__health__get__operationId=None)},
            "openapi: GET /health has no operationId",
        ),
        (
            {"openapi": changed(paths__health__get__operationId="getNote")},
            "openapi: GET /health has the operationId of another operation",
        ),
        (
            {"openapi": changed(paths__health__get__security=None)},
            "openapi: GET /health has no security; write `security: []` if it is public",
        ),
        (
            {"openapi": changed(paths__health__get__security=[{"basic": []}])},
            "openapi: GET /health requires the scheme 'basic'; known are 'users', 'apiKey'",
        ),
        (
            {"openapi": changed(paths__health__get__security=[{"apiKey": []}])},
            "usage_plan: is missing; operations require the scheme 'apiKey'",
        ),
        ({"users": None}, "users: is missing; operations require the scheme 'users'"),
        ({"operations": {**OPERATIONS, "x": "read"}}, 'operations["x"]: is not an operation of'),
        (
            {"operations": {**OPERATIONS, "getNote": "x"}},
            "operations[\"getNote\"]: is 'x', which is not a key of `api_functions`",
        ),
        (
            {"operations": {k: v for k, v in OPERATIONS.items() if k != "getNote"}},
            'operations["getNote"]: is missing; name the operation\'s function',
        ),
        (
            {"operations": dict.fromkeys(OPERATIONS, "read")},
            'api_functions["write"]: is the function of no operation',
        ),
        ({"operations": ["getNote"]}, "operations: is ['getNote']; it must be a map"),
        ({"operations": {**OPERATIONS, "getNote": 1}}, 'operations["getNote"]: is 1; it must be a'),
        ({"allowed_origins": ["*"]}, "allowed_origins[0]: is '*'; it must be an origin"),
        ({"allowed_origins": ["https://example.com/"]}, "[0]: is 'https://example.com/'; it must"),
        ({"allowed_origins": ["http://example.com"]}, "[0]: is 'http://example.com'; it must be"),
        ({"allowed_origins": "https://example.com"}, "'https://example.com'; it must be a list"),
        (
            {"cache": {"cache_keys": {"createNote": []}}},
            'cache.cache_keys["createNote"]: is not a GET operation',
        ),
        ({"cache": {"cache_keys": {"x": []}}}, 'cache.cache_keys["x"]: is not an operation of'),
        (
            {"cache": {"cache_keys": {"getNote": "path.noteId"}}},
            "cache.cache_keys[\"getNote\"]: is 'path.noteId'; it must be a list",
        ),
        (
            {"cache": {"cache_keys": {"getNote": ["noteId"]}}},
            "cache.cache_keys[\"getNote\"][0]: is 'noteId'; it must be a key such as 'path.todoId'",
        ),
        ({"cache": {}}, "cache.cache_keys: is missing; it is required"),
        ({"cache": {"cache_keys": {}, "ttl_seconds": 0}}, "cache.ttl_seconds: is 0; it must be"),
        ({"cache": {"cache_keys": {}, "size_gb": 0.5}}, "cache.size_gb: is 0.5; it must be a str"),
        ({"cache": {"cache_keys": {}, "size_gb": "2"}}, "cache.size_gb: is '2'; it must be one"),
        ({"cache": {"cache_keys": {}, "seconds": 9}}, "cache.seconds: is not an argument"),
        (
            {"api_functions": {"read": {"code": "x", "memory": 1}}},
            'api_functions["read"].memory: is 1; it must be from 128 to 10240 MiB',
        ),
        ({"api_functions": {"read": {"code": "x", "timeout": 30}}}, "timeout: is 30; it must be"),
        (
            {"api_functions": {"read": {"code": "x", "reserved_concurrency": -1}}},
            'api_functions["read"].reserved_concurrency: is -1; it must be from 0 to 100000 conc',
        ),
        ({"functions": {"reserved_concurrency": 1.5e5}}, "reserved_concurrency: is 150000"),
        ({"functions": {"pyhton": "3.13"}}, "functions.pyhton: is not an argument; did you mean"),
        (
            {"api_functions": {"read": {}}},
            'api_functions["read"]: must have either `code` or `function_arn`',
        ),
        (
            {"api_functions": {"read": {"code": "x", "function_arn": "arn:aws:lambda:x"}}},
            'api_functions["read"]: must have either `code` or `function_arn`',
        ),
        (
            {"api_functions": {**FUNCTIONS, "read": {"code": "x", "user_folders": True}}},
            'api_functions["read"].user_folders: requires `user_folder`',
        ),
        (
            {"api_functions": {"read": {"code": "x", "user_folders": "no"}}},
            "api_functions[\"read\"].user_folders: is 'no'; it must be true or false",
        ),
        (
            {"api_functions": {"read": {"code": "x", "vpc": {"subnets": ["subnet-1"]}}}},
            'api_functions["read"].vpc.subnets: is not an argument; did you mean `subnet_ids`?',
        ),
        (
            {"api_functions": {"read": {"code": "x", "access": {"statements": []}}}},
            "api_functions[\"read\"].access: is {'statements': []}; it must be a list",
        ),
        (
            {
                "api_functions": {
                    "read": {
                        "code": "x",
                        "access": [{"statements": [{"actions": ["s3:Get*"], "resources": []}]}],
                    }
                }
            },
            "api_functions[\"read\"].access[0].statements[0].actions[0]: is 's3:Get*'; it must be",
        ),
        (
            {
                "api_functions": {
                    "read": {
                        "code": "x",
                        "access": [{"statements": [{"actions": [], "resources": [], "when": {}}]}],
                    }
                }
            },
            'api_functions["read"].access[0].statements[0].when: is not an argument',
        ),
        ({"release": {"strategy": "slowly"}}, "release.strategy: is 'slowly'; it must be one of"),
        ({"release": {"speed": "slow"}}, "release.speed: is not an argument; known are `strategy`"),
        ({"web_acl": {"requests_per_five_minutes": 1}}, "requests_per_five_minutes: is 1"),
        ({"web_acl": {"count": True}}, "web_acl.count: is not an argument"),
        ({"users": {}}, "users.callback_urls: is missing; it is required"),
        ({"users": {"callback_urls": []}}, "users.callback_urls: is empty"),
        ({"users": {"callback_urls": "https://x.com/"}}, "'https://x.com/'; it must be a list"),
        (
            {"users": {"callback_urls": ["http://x.com/"]}},
            "[0]: is 'http://x.com/'; it must be a U",
        ),
        (
            {"users": {"callback_urls": ["https://x.com/"], "logout_urls": ["http://127.0.0.1/"]}},
            "users.logout_urls[0]: is 'http://127.0.0.1/'; it must be a URL",
        ),
        ({"users": {"callback_urls": ["https://x.com/"], "mfa": "MAYBE"}}, "mfa: is 'MAYBE'"),
        (
            {"users": {"callback_urls": ["https://x.com/"], "access_token_minutes": 1}},
            "users.access_token_minutes: is 1; it must be from 5 to 1440 minutes",
        ),
        (
            {"users": {"callback_urls": ["https://x.com/"], "refresh_token_days": 0}},
            "users.refresh_token_days: is 0; it must be from 1 to 3650 days",
        ),
        (
            {"users": None, "user_folder": {}},
            "users: is missing; it is required with `user_folder`",
        ),
        ({"user_folder": {"bucket": "x"}}, "user_folder.bucket: is not an argument; did you mean"),
        ({"usage_plan": {"clients": []}}, "usage_plan.clients: is empty"),
        ({"usage_plan": {"clients": ["a", "a"]}}, "usage_plan.clients: names a client twice"),
        ({"usage_plan": {"clients": "shop"}}, "usage_plan.clients: is 'shop'; it must be a list"),
        (
            {"usage_plan": {"clients": ["a"], "rate_limit": 0}},
            "usage_plan.rate_limit: is 0; it mus",
        ),
        (
            {"usage_plan": {"clients": ["a"], "burst_limit": 0}},
            "usage_plan.burst_limit: is 0; it m",
        ),
        (
            {"usage_plan": {"clients": ["a"], "requests_per_day": 0}},
            "requests_per_day: is 0; it mu",
        ),
        ({"usage_plan": {"clients": ["a"], "quota": 1}}, "usage_plan.quota: is not an argument"),
        ({"throttle": {"rate_limit": 0, "burst_limit": 1}}, "throttle.rate_limit: is 0; it must"),
        ({"throttle": {"rate_limit": 1, "burst_limit": 0}}, "throttle.burst_limit: is 0; it must"),
        ({"throttle": {"rate_limit": 1}}, "throttle.burst_limit: is missing; it is required"),
        (
            {"throttle": {"rate_limit": 1, "burst_limit": 1, "burst": 1}},
            "throttle.burst: is not an",
        ),
        (
            {"operation_throttles": {"getNotes": {"rate_limit": 1, "burst_limit": 1}}},
            'operation_throttles["getNotes"]: is not an operation of the document',
        ),
        (
            {"operation_throttles": {"getNote": {"rate_limit": 0, "burst_limit": 1}}},
            'operation_throttles["getNote"].rate_limit: is 0; it must be from 0.1 to 10000',
        ),
        (
            {
                "user_folder": {
                    "bucket_arn": "arn:aws:s3:::x",
                    "direct_writes": {"allowed_media_types": ["text/plain"]},
                }
            },
            "user_folder.direct_writes: excludes `bucket_arn`",
        ),
        (
            {"user_folder": {"direct_writes": {}}},
            "user_folder.direct_writes.allowed_media_types: is missing; it is required",
        ),
        (
            {"user_folder": {"direct_writes": {"allowed_media_types": ["image/*"]}}},
            "user_folder.direct_writes.allowed_media_types[0]: is 'image/*'; it must be a media",
        ),
        (
            {
                "user_folder": {
                    "direct_writes": {"allowed_media_types": ["a/b"], "max_file_bytes": 0}
                }
            },
            "user_folder.direct_writes.max_file_bytes: is 0; it must be from 1 to 5368709120 bytes",
        ),
        ({"origin_secrets": ["a" * 32]}, "web_acl: is missing; `origin_secrets` requires it"),
        (
            {"web_acl": {}, "origin_secrets": ["a" * 32, "b" * 32, "c" * 32]},
            "origin_secrets: has more than two secrets",
        ),
        ({"stage_name": "a/b"}, "stage_name: is 'a/b'; it must be letters, digits"),
        ({"account_logging": "no"}, "account_logging: is 'no'; it must be true or false"),
        ({"retain_data": 0}, "retain_data: is 0; it must be true or false"),
        ({"sunset": 2027}, "sunset: is 2027; it must be a string"),
        ({"alowed_origins": []}, "alowed_origins: is not an argument; did you mean `allowed_or"),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, notes: dict, overrides: dict, problem: str
):
    with pytest.raises(ValueError, match="ServerlessApi 'notes'") as caught:
        build(lambda: ServerlessApi("notes", {**notes, **overrides}))
    assert problem in str(caught.value)


@pytest.mark.parametrize("key", ["openapi", "operations", "api_functions"])
def test_a_missing_argument_is_refused_by_name(build: Build, notes: dict, key: str):
    for incomplete in ({k: v for k, v in notes.items() if k != key}, {**notes, key: None}):
        with pytest.raises(ValueError, match=rf"ServerlessApi 'notes'[\s\S]* {key}: is missing"):
            build(lambda args=incomplete: ServerlessApi("notes", args))


@pytest.mark.parametrize("key", ["openapi", "operations", "stage_name", "users", "retain_data"])
def test_an_output_is_refused_where_a_plain_value_is_needed(build: Build, notes: dict, key: str):
    with pytest.raises(ValueError, match=f"{key}: is an Output; it must be .* known at preview"):
        build(lambda: ServerlessApi("notes", {**notes, key: pulumi.Output.from_input("x")}))


def test_the_url_of_a_site_can_be_an_origin_and_a_callback_url(
    build: Build, notes: dict, tmp_path: Path
):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<!doctype html>")
    notes["user_folder"] = {}

    def program() -> None:
        functions = {"python": PYTHON}
        site = StaticSite("site", {"content": str(tmp_path / "site"), "functions": functions})
        url = pulumi.Output.concat(site.url, "/")
        notes["users"] = {"callback_urls": [url], "logout_urls": [url]}
        notes["allowed_origins"] = ["https://example.com", site.url]
        ServerlessApi("notes", notes)

    graph = build(program)
    origin = graph.one("site").outputs["url"]
    assert origin.startswith("https://")
    rendered, client = body(graph), graph.one("notes-client").inputs
    preflight = rendered["paths"]["/notes"]["options"]["x-amazon-apigateway-integration"]
    answer = preflight["responses"]["default"]
    allowed = '$origin == "https://example.com" || $origin == "' + origin + '"'
    assert allowed in answer["responseTemplates"]["application/json"]
    header = "method.response.header.Access-Control-Allow-Origin"
    assert answer["responseParameters"][header] == "'https://example.com'"
    assert client["callbackUrls"] == client["logoutUrls"] == [f"{origin}/"]
    variables = graph.one("notes-function-read").inputs["environment"]["variables"]
    assert variables["ALLOWED_ORIGINS"] == f"https://example.com,{origin}"
    (rule,) = graph.one("notes-files-cors").inputs["corsRules"]
    assert rule["allowedOrigins"] == ["https://example.com", origin]


def test_gateway_responses_allow_the_first_origin(build: Build, notes: dict):
    def program() -> None:
        origin = pulumi.Output.from_input("https://example.com")
        ServerlessApi("notes", {**notes, "allowed_origins": [origin]})

    responses = body(build(program))["x-amazon-apigateway-gateway-responses"]
    for response in responses.values():
        assert response["responseParameters"] == {
            "gatewayresponse.header.Access-Control-Allow-Origin": "'https://example.com'",
            "gatewayresponse.header.Vary": "'Origin'",
        }
