"""A page that is open in a browser reaches the data planes that AWS opens to pages, nothing else.

Stock 1.5.33 accepts any Host, Origin and `Sec-Fetch-Site`, and answers control planes with
`Access-Control-Allow-Origin: *`. A SigV4 signature in the query needs no preflight, so any page on
the internet can create a role and a function and run code as the developer, and delete everything.

AWS has a domain for each service, and pages do not know the developer's keys. Here:

- The Host is a loopback name with the right port (`..hosts`), also for the ports of distributions.
  Programs can also name the custom domain of an API, whose address only its owner sets.
- A browser reaches stages of APIs, the endpoints of managed login, operations that Cognito serves
  without credentials, and S3 with the signature of a role or user. Their own CORS rules apply; no
  other answer has a CORS header.
- Paths of administration refuse what a page sent, whatever its origin: uploaded files have the
  origin of the emulator too. A person can open them.

A browser is known by `Origin` or `Sec-Fetch-*`, which pages cannot remove. SDKs, the AWS CLI and
curl send neither. https://www.w3.org/TR/fetch-metadata/ ("Forbidden header names").

AWS: "Using cross-origin resource sharing (CORS)" of S3; "Token endpoint" of Cognito, which pages
with a public client call.

ministack has fixed this when tests/emulator/test_browser_requests.py passes with
`unpatched=("browser_requests",)`.
"""

import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import s3

from ..hosts import LOOPBACK, is_loopback, parts
from . import Server, administration

STAGES = "/_aws/execute-api/"
COGNITO = {"cognito-idp", "cognito-identity"}
TOKEN_PATHS = {"/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo", "/oauth2/userinfo"}
"""Endpoints of managed login that scripts of pages call."""
CORS = "access-control-"
log = logging.getLogger(__name__)
Headers = Mapping[str, str]
Answer = tuple[int, dict[str, Any], Any]


def apply(server: Server) -> None:
    app.app = _guarded(app.app, int(os.environ["GATEWAY_PORT"]))
    app._handle_options_request = _preflight(app._handle_options_request)
    app._handle_special_data_plane_request = _only_stages(app._handle_special_data_plane_request)
    app._dispatch_service_request = _only_data_planes(app._dispatch_service_request)
    _limit_wildcards()


def _guarded(stock: Callable[..., Awaitable[None]], port: int) -> Callable[..., Awaitable[None]]:
    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket") or not (reason := _refusal(scope, port)):
            await stock(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await app._send_response(send, *_refused(reason))

    return guarded


def _refusal(scope: Any, port: int) -> str:
    """Return why a request is refused before any service sees it, or ""."""
    pairs = [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in scope["headers"]
    ]
    headers, hosts = dict(pairs), [value for name, value in pairs if name == "host"]
    path: str = scope["path"]
    if not hosts or not all(_is_known(host, port, path) for host in hosts):
        return f"the Host is not 127.0.0.1:{port} or another loopback name"
    if not _from_browser(headers):
        return ""
    if parts(hosts[0])[0] not in LOOPBACK:
        return "services have no names of their own in a browser: use 127.0.0.1"
    if scope["type"] == "websocket" and not path.startswith(STAGES):
        return "pages can connect to stages of APIs only"
    if path.startswith(administration.PATHS) and _from_page(headers):
        return "pages cannot administer the emulator"
    return ""


def _is_known(host: str, port: int, path: str) -> bool:
    """Return whether a Host is a loopback name, or the custom domain name of an API."""
    return is_loopback(host, port) or bool(app._resolve_custom_domain_request(host, path))


def _from_browser(headers: Headers) -> bool:
    return "origin" in headers or any(name.startswith("sec-fetch-") for name in headers)


def _from_page(headers: Headers) -> bool:
    """Return whether a page sent the request, and not a person who typed the address."""
    return "origin" in headers or headers.get("sec-fetch-site", "none") != "none"


def _refused(reason: str) -> Answer:
    log.warning("refused a request of a browser: %s", reason)
    body = json.dumps({"__type": "AccessDeniedException", "message": reason}).encode()
    return 403, {"Content-Type": "application/json", "X-Content-Type-Options": "nosniff"}, body


def _preflight(stock: Callable[..., Any]) -> Callable[..., Any]:
    def answer(method: str, path: str, headers: Headers, query: Any, request_id: str) -> Any:
        if method != "OPTIONS":
            return None
        if path == "/" or path in TOKEN_PATHS:
            return stock(method, path, headers, query, request_id)
        if target := app._s3_cors_target(headers.get("host", ""), path):
            status, sent, body = s3.cors_preflight(*target, headers)
            return status, {**sent, "x-amz-request-id": request_id}, body
        return _refused("pages can call data planes only")

    return answer


def _only_stages(stock: Callable[..., Any]) -> Callable[..., Any]:
    """Here ministack answers, by path and Host, many services that are no matter of pages."""

    async def handle(method: str, path: str, headers: Headers, *request: Any, **more: Any) -> Any:
        if _from_browser(headers) and not path.startswith(STAGES):
            return None  # _only_data_planes decides
        return await stock(method, path, headers, *request, **more)

    return handle


def _only_data_planes(stock: Callable[..., Any]) -> Callable[..., Any]:
    async def dispatch(method: str, path: str, headers: Headers, body: bytes, *more: Any) -> Any:
        query = more[0]
        parameters = app._routing_params(method, path, headers, body, query)
        service = app.detect_service(method, path, headers, parameters)
        public = _is_public(service, headers)
        allowed = public or (service == "s3" and _is_signed_by_principal(headers, body, query))
        if _from_browser(headers) and not allowed:
            return _refused("pages can call data planes only")
        status, sent, answer = await stock(method, path, headers, body, *more)
        if service != "s3" and not public:
            sent = {name: each for name, each in sent.items() if CORS not in name.lower()}
        return status, sent, answer

    return dispatch


def _is_public(service: str, headers: Headers) -> bool:
    """Return whether Cognito serves the operation without credentials, so that pages call it."""
    operation = headers.get("x-amz-target", "").split(".")[-1]
    return service in COGNITO and operation in iam_actions.unsigned_operations(service)


def _is_signed_by_principal(headers: Headers, body: bytes, query: Any) -> bool:
    """Return whether a role or user signed, and not the administrator, whose key ID is known."""
    keys = [app.extract_access_key_id(headers, query)]
    if not keys[0]:
        fields = s3._parse_multipart_form(headers.get("content-type", ""), body)
        found = (s3._post_form_access_key_id([field]) for field in fields)
        keys = [each for each in found if each]
    return bool(keys) and not any(map(iam_evaluator.is_root_access_key, keys))


def _limit_wildcards() -> None:
    add_headers = app._with_data_plane_headers

    def without_wildcard(
        response: Any, request_id: str, include_s3_id: bool = False, wildcard_cors: bool = False
    ) -> Any:
        return add_headers(response, request_id, include_s3_id, wildcard_cors=False)

    app._with_data_plane_headers = without_wildcard
    for name in ("_handle_pre_body_request", "_handle_post_body_shortcuts"):
        setattr(app, name, _with_token_cors(getattr(app, name)))


def _with_token_cors(stock: Callable[..., Any]) -> Callable[..., Any]:
    async def handle(method: str, path: str, *request: Any) -> Any:
        response = await stock(method, path, *request)
        if response and (path in TOKEN_PATHS or "/.well-known/" in path):
            response[1].setdefault("Access-Control-Allow-Origin", "*")
        return response

    return handle
