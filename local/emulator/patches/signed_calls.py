"""A signed request to an API is signed for the service `execute-api`.

Stock 1.5.33 takes a signature for any service, so that a caller with another one works here and is
refused on AWS: "Credential should be scoped to correct service: 'execute-api'".

AWS: "Elements of an AWS API request signature" in the IAM user guide (credential scope).

ministack has fixed this when tests/emulator/test_signed_calls.py passes with
`unpatched=("signed_calls",)`.
"""

import re
from typing import Any

from ministack import app
from ministack.core.iam_evaluator import AuthError
from ministack.services import apigateway_v1 as gateway

from . import Server

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,]+/(?P<service>[^/,]+)/aws4_request")


def apply(server: Server) -> None:
    stock = app._enforce_execute_api

    def enforce(*request: Any, **action: str) -> Any:
        api, stage, method, path, headers, query = request
        kind = app._execute_api_authorization_type(api, stage, method, path)
        scope = _SCOPE.search(headers.get("authorization", ""))
        if kind == "AWS_IAM" and scope and scope["service"] != "execute-api":
            error = AuthError(
                "InvalidSignatureException",
                "Credential should be scoped to correct service: 'execute-api'.",
            )
            return gateway.authentication_error_response(api, stage, error, headers, query)
        return stock(*request, **action)

    app._enforce_execute_api = enforce
