"""PutRestApi imports the whole OpenAPI document of a REST API.

Stock 1.5.33 has no PutRestApi. When it reads a document (CloudFormation), it imports only paths,
security and three fields of an integration: models, validators, parameters, mock answers and
gateway responses are lost, so no request is validated and OPTIONS answers 500.

AWS: "Develop REST APIs using OpenAPI in API Gateway", "OpenAPI extensions for API Gateway",
"Request validation for REST APIs" (a body is validated only if its content type has a model).

ministack has fixed this when tests/emulator/test_openapi_documents.py passes with
`unpatched=("openapi_documents",)`.
"""

from typing import Any

from ministack.services import apigateway_v1 as gateway

from ..apis import document
from ..apis.calls import Refused
from . import Server


def apply(server: Server) -> None:
    _put_documents()
    _validate_only_bodies_with_a_model()


def _put_documents() -> None:
    stock = gateway.handle_request

    async def handle(
        method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]
    ) -> Any:
        parts = path.strip("/").split("/")
        if method != "PUT" or len(parts) != 2 or parts[0] != "restapis":
            return await stock(method, path, headers, body, query)
        return _put(parts[1], body, gateway._qp(query, "mode", "merge"))

    gateway.handle_request = handle


def _put(api: str, body: bytes, mode: str) -> Any:
    if api not in gateway._rest_apis:
        return gateway._v1_error("NotFoundException", "Invalid API identifier specified", 404)
    try:
        document.put(api, document.parsed(body), overwrite=mode == "overwrite")
    except Refused as refused:
        return gateway._v1_error("BadRequestException", str(refused), 400)
    return gateway._get_rest_api(api)


def _validate_only_bodies_with_a_model() -> None:
    stock = gateway._check_request_validation

    def check(method: dict[str, Any], api: str, request: Any, headers: Any, *rest: Any) -> Any:
        models = method.get("requestModels") or {}
        kind = gateway._header_ci(headers, "content-type") or "application/json"
        model = models.get(kind.split(";", 1)[0].strip().lower()) or models.get("$default")
        effective = {**method, "requestModels": {"application/json": model} if model else {}}
        return stock(effective, api, request, headers, *rest)

    gateway._check_request_validation = check
