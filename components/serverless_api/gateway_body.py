"""The body of a REST API: an OpenAPI document with what API Gateway adds to it.

Source: "OpenAPI extensions for API Gateway" in the API Gateway developer guide.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from .gateway_responses import gateway_responses
from .openapi import API_KEY, CALLER, METHODS, ORIGIN, USERS, Document, Operation

_PREFIX = "x-amazon-apigateway"
_VALIDATOR = "body-and-parameters"


@dataclass(frozen=True)
class Rendering:
    """What goes into the document so that API Gateway can serve it."""

    title: str
    invoke_arns: Mapping[str, pulumi.Input[str]]
    """What each operation invokes."""
    user_pool_arn: Optional[pulumi.Input[str]]
    origins: Sequence[str]
    """Which web origins may call it."""
    cache_keys: Mapping[str, Sequence[str]]
    """What tells apart the cached answers of an operation: `path.id`, `querystring.next`, ..."""
    sunset: str
    """When the API goes away, as HTTP writes it; empty for never."""
    timeout: int
    """Milliseconds that a function may take."""

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every answer that no function gave."""
        sunset = {"Sunset": self.sunset} if self.sunset else {}
        return {**cors_headers(self.origins), **sunset}


def render(document: Document, rendering: Rendering) -> dict[str, Any]:
    """The document with API Gateway's extensions; leaves may be Outputs."""
    spec = deepcopy(document.spec)
    spec.pop("servers", None)
    spec["info"]["title"] = rendering.title
    spec[f"{_PREFIX}-request-validators"] = {
        _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
    }
    spec[f"{_PREFIX}-request-validator"] = _VALIDATOR
    spec[f"{_PREFIX}-gateway-responses"] = gateway_responses(rendering.headers)
    for operation in document.operations:
        _integrate(spec["paths"][operation.path][operation.method], operation, rendering)
    if rendering.origins:
        for path, item in spec["paths"].items():
            item["options"] = _preflight(document, item, path, rendering)
    _authorize(spec, document, rendering)
    return spec


def _integrate(spec: dict[str, Any], operation: Operation, rendering: Rendering) -> None:
    integration: dict[str, Any] = {
        "type": "aws_proxy",
        "httpMethod": "POST",  # how Lambda is invoked, whatever the method of the request
        "uri": rendering.invoke_arns[operation.id],
        "passthroughBehavior": "never",
        "timeoutInMillis": rendering.timeout,
    }
    keys = rendering.cache_keys.get(operation.id)
    if keys:
        integration["cacheKeyParameters"] = [f"method.request.{key}" for key in keys]
        integration["cacheNamespace"] = operation.id
    spec[f"{_PREFIX}-integration"] = integration
    # Said of each operation, as the document's own requirements are not imported.
    spec["security"] = [dict(each) for each in operation.security or ()]
    for key in (CALLER, ORIGIN):
        if key in (keys or ()):
            _declare_header(spec, key.removeprefix("header."))


def _declare_header(spec: dict[str, Any], name: str) -> None:
    """A header can only be in a cache's key if the method declares it."""
    parameter = {"name": name, "in": "header", "schema": {"type": "string"}}
    spec["parameters"] = [*spec.get("parameters", ()), parameter]


def _authorize(spec: dict[str, Any], document: Document, rendering: Rendering) -> None:
    """Put the gateway's own authorizers in place of the document's security schemes."""
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
    spec.pop("security", None)
    components = spec.setdefault("components", {})
    components["securitySchemes"] = schemes


def cors_headers(origins: Sequence[str]) -> dict[str, str]:
    """Headers that let a page of the first origin read an answer that no function gave.

    The gateway can write constants only; functions and preflights answer each origin by itself.
    """
    return {"Access-Control-Allow-Origin": origins[0], "Vary": "Origin"} if origins else {}


def _preflight(
    document: Document, item: Mapping[str, Any], path: str, rendering: Rendering
) -> dict[str, Any]:
    """An OPTIONS method that the gateway answers itself."""
    methods = [each.upper() for each in METHODS if each in item]
    owners = [item, *(item[each.lower()] for each in methods)]
    parameters = [document.resolve(p) for each in owners for p in each.get("parameters", ())]
    names = {each["name"] for each in parameters if each["in"] == "header"}
    headers = {
        "Access-Control-Allow-Methods": ",".join([*methods, "OPTIONS"]),
        "Access-Control-Allow-Headers": ",".join(
            sorted({"Authorization", "Content-Type", "X-Api-Key", *names})
        ),
        "Access-Control-Max-Age": "600",
        **rendering.headers,
    }
    answer: dict[str, Any] = {
        "description": "which requests a page may make",
        "headers": {name: {"schema": {"type": "string"}} for name in headers},
    }
    spec: dict[str, Any] = {
        "operationId": f"preflight{path}".translate({ord(c): "_" for c in "/{}.-"}),
        "security": [],
        "responses": {"204": answer},
        f"{_PREFIX}-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode":204}'},
            "passthroughBehavior": "when_no_match",
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": {
                        f"method.response.header.{name}": f"'{value}'"
                        for name, value in headers.items()
                    },
                    "responseTemplates": {"application/json": _echo(rendering.origins)},
                }
            },
        },
    }
    in_path = {each["name"]: dict(each) for each in parameters if each["in"] == "path"}
    if in_path and "parameters" not in item:
        spec["parameters"] = list(in_path.values())
    return spec


def _echo(origins: Sequence[str]) -> str:
    """A template that answers each allowed origin by its own name."""
    allowed = " || ".join(f'$origin == "{origin}"' for origin in origins)
    return (
        '#set($origin = $input.params("Origin"))'
        f"#if({allowed})"
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)"
        "#end"
    )
