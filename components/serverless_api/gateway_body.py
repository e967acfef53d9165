"""The body of a REST API: an OpenAPI document with the extensions of API Gateway.

Source: "OpenAPI extensions for API Gateway" in the API Gateway developer guide.

API Gateway passes names of headers as they arrive, and HTTP/2 sends them in lowercase. AWS does not
document whether it compares them without case (aws-sam-cli issue 3083), and the preflight responses
of the AWS CDK look for two spellings. So here, too, two spellings are cache keys, and functions
refuse a request without a required header, not API Gateway.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from .gateway_responses import gateway_responses
from .gateway_schemas import convert_schemas
from .openapi import API_KEY, IAM, METHODS, USERS, Document, Operation

_PREFIX = "x-amazon-apigateway"
_VALIDATOR = "body-and-parameters"


@dataclass(frozen=True)
class Rendering:
    """What API Gateway needs besides the document."""

    title: str
    invoke_arns: Mapping[str, pulumi.Input[str]]
    """URI of each operation's integration."""
    user_pool_arn: Optional[pulumi.Input[str]]
    origins: Sequence[pulumi.Input[str]]
    """Web origins whose pages can call the API."""
    cache_keys: Mapping[str, Sequence[str]]
    """Cache keys of each cached operation: `path.id`, `querystring.next`, ..."""
    sunset: str
    """Value of the header `Sunset`; empty for none."""
    timeout: int
    """Timeout of the integrations in milliseconds."""
    default_endpoint: bool
    """Whether the API answers at its host name from API Gateway."""

    @property
    def headers(self) -> dict[str, pulumi.Input[str]]:
        """Headers of every response that comes from API Gateway itself, in single quotes.

        API Gateway sets constants only, so that they allow the first origin. Functions and
        preflight responses allow the origin of the request.
        """
        headers: dict[str, pulumi.Input[str]] = {}
        if self.origins:
            origin = pulumi.Output.concat("'", self.origins[0], "'")
            headers |= {"Access-Control-Allow-Origin": origin, "Vary": "'Origin'"}
        if self.sunset:
            headers["Sunset"] = f"'{self.sunset}'"
        return headers


def render(document: Document, rendering: Rendering) -> dict[str, Any]:
    """Return the document with the extensions of API Gateway; leaves may be Outputs."""
    spec = deepcopy(document.spec)
    spec.pop("servers", None)
    _make_headers_optional(spec)
    convert_schemas(spec)
    spec["info"]["title"] = rendering.title
    spec[f"{_PREFIX}-request-validators"] = {
        _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
    }
    spec[f"{_PREFIX}-request-validator"] = _VALIDATOR
    spec[f"{_PREFIX}-gateway-responses"] = gateway_responses(rendering.headers)
    if not rendering.default_endpoint:
        # In the document, since the setting takes effect with the next deployment.
        endpoint = {"disableExecuteApiEndpoint": True}
        spec["servers"] = [{"url": "/", f"{_PREFIX}-endpoint-configuration": endpoint}]
    for operation in document.operations:
        _integrate(spec["paths"][operation.path][operation.method], operation, rendering)
    if rendering.origins:
        for path, item in spec["paths"].items():
            operations = [each for each in document.operations if each.path == path]
            item["options"] = _preflight(path, item, operations, rendering)
    _authorize(spec, document, rendering)
    return spec


def _integrate(spec: dict[str, Any], operation: Operation, rendering: Rendering) -> None:
    integration: dict[str, Any] = {
        "type": "aws_proxy",
        "httpMethod": "POST",  # Lambda's method, whatever the method of the request is
        "uri": rendering.invoke_arns[operation.id],
        "passthroughBehavior": "never",
        "timeoutInMillis": rendering.timeout,
    }
    keys = _spellings(rendering.cache_keys.get(operation.id, ()))
    if keys:
        integration["cacheKeyParameters"] = [f"method.request.{key}" for key in keys]
        integration["cacheNamespace"] = operation.id
    spec[f"{_PREFIX}-integration"] = integration
    # For each operation, since API Gateway does not import the requirements of the document.
    spec["security"] = [dict(each) for each in operation.security or ()]
    declared = {each["name"] for each in operation.parameters if each["in"] == "header"}
    for key in keys:
        place, name = key.split(".", 1)
        if place == "header" and name not in declared:
            _declare_header(spec, name)


def _spellings(keys: Sequence[str]) -> list[str]:
    """Return cache keys with each header in its own spelling and in lowercase."""
    lowercase = [key.lower() for key in keys if key.startswith("header.")]
    return list(dict.fromkeys([*keys, *lowercase]))


def _declare_header(spec: dict[str, Any], name: str) -> None:
    """Declare a header, so that it can be a cache key."""
    parameter = {"name": name, "in": "header", "schema": {"type": "string"}}
    spec["parameters"] = [*spec.get("parameters", ()), parameter]


def _make_headers_optional(spec: Mapping[str, Any]) -> None:
    owners = [spec.get("components", {}), *spec["paths"].values()]
    owners += [
        item[method] for item in spec["paths"].values() for method in METHODS if method in item
    ]
    for owner in owners:
        parameters = owner.get("parameters", [])
        for each in parameters.values() if isinstance(parameters, dict) else parameters:
            if each.get("in") == "header":
                each.pop("required", None)


def _authorize(spec: dict[str, Any], document: Document, rendering: Rendering) -> None:
    """Replace the document's security schemes with authorizers of API Gateway."""
    schemes: dict[str, Any] = {}
    used = {name for each in document.operations for name in each.schemes}
    if USERS in used:
        schemes[USERS] = {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            f"{_PREFIX}-authtype": "cognito_user_pools",
            f"{_PREFIX}-authorizer": {
                "type": "cognito_user_pools",
                "providerARNs": [rendering.user_pool_arn],
            },
        }
    if API_KEY in used:
        schemes[API_KEY] = {"type": "apiKey", "name": "x-api-key", "in": "header"}
    if IAM in used:
        schemes[IAM] = {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            f"{_PREFIX}-authtype": "awsSigv4",
        }
    spec.pop("security", None)
    components = spec.setdefault("components", {})
    components["securitySchemes"] = schemes


def _preflight(
    path: str,
    item: Mapping[str, Any],
    operations: Sequence[Operation],
    rendering: Rendering,
) -> dict[str, Any]:
    """Return an OPTIONS method to which API Gateway itself responds."""
    methods = ",".join([*(each.method.upper() for each in operations), "OPTIONS"])
    parameters = [parameter for each in operations for parameter in each.parameters]
    names = {each["name"] for each in parameters if each["in"] == "header"}
    allowed = ",".join(sorted({"Authorization", "Content-Type", "X-Api-Key", *names}))
    headers = {
        "Access-Control-Allow-Methods": f"'{methods}'",
        "Access-Control-Allow-Headers": f"'{allowed}'",
        "Access-Control-Max-Age": "'600'",
        **rendering.headers,
    }
    response: dict[str, Any] = {
        "description": "the requests that the page can send",
        "headers": {name: {"schema": {"type": "string"}} for name in headers},
    }
    spec: dict[str, Any] = {
        "operationId": f"preflight{path}".translate({ord(c): "_" for c in "/{}.-"}),
        "security": [],
        "responses": {"204": response},
        f"{_PREFIX}-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode":204}'},
            "passthroughBehavior": "when_no_match",
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": {
                        f"method.response.header.{name}": value for name, value in headers.items()
                    },
                    "responseTemplates": {
                        "application/json": pulumi.Output.all(*rendering.origins).apply(
                            _allow_origin
                        )
                    },
                }
            },
        },
    }
    in_path = {each["name"]: dict(each) for each in parameters if each["in"] == "path"}
    if in_path and "parameters" not in item:
        spec["parameters"] = list(in_path.values())
    return spec


def _allow_origin(origins: Sequence[str]) -> str:
    """Return a template that allows the origin of the request if it is one of `origins`."""
    allowed = " || ".join(f'$origin == "{origin}"' for origin in origins)
    return (
        '#set($origin = $input.params("Origin"))'
        '#if($origin == "")#set($origin = $input.params("origin"))#end'
        f"#if({allowed})"
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)"
        "#end"
    )
