"""Responses of API Gateway itself, in the form of the functions' error responses.

Source: "Gateway response types" in the API Gateway developer guide.
"""

import json
from collections.abc import Mapping
from typing import Any

import pulumi

_MESSAGE = "$context.error.messageString"  # AWS puts it in quotes
_INVALID = "is missing or not valid"

_ANSWERS = {
    "BAD_REQUEST_BODY": ("BadRequest", "body", "does not match the schema of the API"),
    "BAD_REQUEST_PARAMETERS": ("BadRequest", "", _MESSAGE),
    "UNAUTHORIZED": ("Unauthorized", "Authorization", _INVALID),
    "ACCESS_DENIED": ("Forbidden", "Authorization", "does not allow this"),
    "INVALID_API_KEY": ("Forbidden", "x-api-key", _INVALID),
    # API Gateway's response to a path or method that the API does not have.
    "MISSING_AUTHENTICATION_TOKEN": ("Forbidden", "", "there is no such operation"),
    "RESOURCE_NOT_FOUND": ("NotFound", "", "there is no such operation"),
    "REQUEST_TOO_LARGE": ("PayloadTooLarge", "body", "is too large"),
    "UNSUPPORTED_MEDIA_TYPE": ("UnsupportedMediaType", "Content-Type", "must be application/json"),
    "THROTTLED": ("TooManyRequests", "", "try again later"),
    "QUOTA_EXCEEDED": ("TooManyRequests", "", "the quota is used up"),
    "INTEGRATION_FAILURE": ("GatewayTimeout", "", "send the same request again"),
    "INTEGRATION_TIMEOUT": ("GatewayTimeout", "", "send the same request again"),
    "DEFAULT_4XX": ("Forbidden", "", _MESSAGE),  # signatures, AWS WAF
    "DEFAULT_5XX": ("InternalServerError", "", "try again later"),
}
"""Error, field and message by type.

Constant messages where possible: AWS's messages can contain what the caller sent.
"""


def gateway_responses(headers: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    """Return the document's `x-amazon-apigateway-gateway-responses`.

    Args:
        headers: headers of every response; the values are in single quotes.
    """
    parameters = {f"gatewayresponse.header.{name}": value for name, value in headers.items()}
    return {
        name: {
            "responseParameters": parameters,
            "responseTemplates": {"application/json": _body(*answer)},
        }
        for name, answer in _ANSWERS.items()
    }


def _body(error: str, field: str, message: str) -> str:
    body = json.dumps({"error": error, "field": field, "message": message}, separators=(",", ":"))
    return body.replace(f'"{_MESSAGE}"', _MESSAGE)
