"""Functions are told which API key a request has.

Stock 1.5.33 checks the key of a method that requires one, and passes neither the key nor its ID.

AWS: "Variables for data transformations for API Gateway": `identity.apiKey` and `identity.apiKeyId`
are those of a request to a method that requires a key; a proxy event has the same in
`requestContext`.

ministack has fixed this when tests/emulator/test_api_key_ids.py passes with
`unpatched=("api_key_ids",)`.
"""

from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway_v1 as gateway

from . import Server

_key: ContextVar[dict[str, Any] | None] = ContextVar("key", default=None)


def apply(server: Server) -> None:
    check, build = gateway._check_api_key, gateway._build_lambda_event_v1

    def check_and_record(*request: Any) -> Any:
        error, key = check(*request)
        _key.set(key)
        return error, key

    def build_with_key(*request: Any, **options: Any) -> Any:
        event, key = build(*request, **options), _key.get()
        if key:
            event["requestContext"]["identity"].update(apiKey=key["value"], apiKeyId=key["id"])
        return event

    gateway._check_api_key = check_and_record
    gateway._build_lambda_event_v1 = build_with_key
