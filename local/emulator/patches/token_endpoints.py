"""Refresh tokens rotate and can be revoked over HTTP.

Stock 1.5.33 ignores RefreshTokenRotation of a client and has no /oauth2/revoke.

AWS: "Refresh tokens" (with rotation, every refresh returns a new refresh token and ends the old one
after RetryGracePeriodSeconds; then RefreshTokenReuseException, or `invalid_grant`), "The token
revocation endpoint". An access token stays valid for API Gateway until it expires, as on AWS.

ministack has fixed this when tests/emulator/test_token_endpoints.py passes with
`unpatched=("token_endpoints",)`.
"""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core.responses import error_response_json
from ministack.services import cognito

from . import Server

REUSED = "Refresh token has been invalidated by rotation"
_ended: dict[str, float] = {}
"""The expiry of each exchanged token, as Unix time."""


def apply(server: Server) -> None:
    _serve_revoke()
    _store_rotation_settings()
    _rotate_in_api()
    _rotate_in_oauth()


def form_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form."""
    return {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _serve_revoke() -> None:
    stock = app._handle_cognito_body_request

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Any:
        if (method, path) == ("POST", "/oauth2/revoke"):
            return _revoke(headers, form_of(body))
        return await stock(method, path, headers, body, query)

    app._handle_cognito_body_request = handle


def _revoke(headers: dict[str, str], form: dict[str, str]) -> Any:
    client_id, secret = cognito._authenticate_client(headers, form)
    client = cognito._find_pool_by_client_id(client_id)[2]
    if not client or secret != (client.get("ClientSecret") or ""):
        return cognito._oauth2_error("invalid_client", "Invalid client credentials.", 401)
    token = form.get("token", "")
    if not token:
        return cognito._oauth2_error("invalid_request", "token is required.")
    claims = cognito._token_claims(token)
    if claims.get("token_use") in ("access", "id"):
        return cognito._oauth2_error("unsupported_token_type", "Only refresh tokens are revoked.")
    if claims.get("client_id", client_id) != client_id:
        return cognito._oauth2_error("invalid_request", "The token is another client's.")
    cognito._revoke_token({"Token": token})
    return 200, {"Content-Type": "application/json"}, b""


def _store_rotation_settings() -> None:
    for name in ("_create_user_pool_client", "_update_user_pool_client"):
        setattr(cognito, name, _with_rotation(getattr(cognito, name)))


def _with_rotation(stock: Callable[..., Any]) -> Callable[..., Any]:
    def change(data: dict[str, Any]) -> Any:
        status, headers, body = stock(data)
        if status == 200 and "RefreshTokenRotation" in data:
            answer = json.loads(body)
            client = cognito._find_pool_by_client_id(answer["UserPoolClient"]["ClientId"])[2]
            for each in (client, answer["UserPoolClient"]):
                each["RefreshTokenRotation"] = data["RefreshTokenRotation"]
            body = json.dumps(answer).encode()
        return status, headers, body

    return change


def _rotate_in_api() -> None:
    stock = cognito._get_tokens_from_refresh_token

    def get_tokens(data: dict[str, Any]) -> Any:
        token = data.get("RefreshToken", "")
        if _is_reused(token):
            return error_response_json("RefreshTokenReuseException", REUSED, 400)
        status, headers, body = stock(data)
        if status == 200 and (grace := _grace(token)) is not None:
            answer = json.loads(body)
            answer["AuthenticationResult"]["RefreshToken"] = _exchanged(token, grace)
            body = json.dumps(answer).encode()
        return status, headers, body

    cognito._get_tokens_from_refresh_token = get_tokens


def _rotate_in_oauth() -> None:
    stock = cognito._oauth2_token

    def get_tokens(data: Any, query: Any, body: bytes = b"", headers: Any = None) -> Any:
        form = form_of(body)
        token = form.get("refresh_token", "")
        if form.get("grant_type") != "refresh_token":
            return stock(data, query, body, headers)
        if _is_reused(token):
            return cognito._oauth2_error("invalid_grant", REUSED)
        status, sent, answer = stock(data, query, body, headers)
        if status == 200 and (grace := _grace(token)) is not None:
            tokens = {**json.loads(answer), "refresh_token": _exchanged(token, grace)}
            answer = json.dumps(tokens).encode()
        return status, sent, answer

    cognito._oauth2_token = get_tokens


def _is_reused(token: str) -> bool:
    return token in _ended and time.time() >= _ended[token]


def _grace(token: str) -> int | None:
    """Return the seconds that an exchanged token stays valid; None without rotation."""
    client_id = cognito._token_claims(token).get("client_id", "")
    client = cognito._find_pool_by_client_id(client_id)[2] or {}
    rotation = client.get("RefreshTokenRotation") or {}
    if rotation.get("Feature") != "ENABLED":
        return None
    return int(rotation.get("RetryGracePeriodSeconds", 0))


def _exchanged(token: str, grace: int) -> str:
    """Return a new refresh token with the expiry of `token`."""
    _ended.setdefault(token, time.time() + grace)
    claims = cognito._token_claims(token)
    pool = str(claims["iss"]).rsplit("/", 1)[-1]
    fresh = cognito._token_claims(
        cognito._fake_token(claims["sub"], pool, claims["client_id"], "refresh")
    )
    exchanged: str = cognito._signed_jwt({**claims, "jti": fresh["jti"]}, pool, "access")
    if token in cognito._refresh_tokens:
        cognito._refresh_tokens[exchanged] = cognito._refresh_tokens[token]
    return exchanged
