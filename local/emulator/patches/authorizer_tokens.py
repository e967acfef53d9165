"""A Cognito authorizer accepts ID tokens for authentication and access tokens for scopes.

Stock 1.5.33 accepts an access token if a method has no scopes, and answers 401 to a valid access
token without the scopes.

AWS: "Integrate a REST API with a user pool" (with `authorizationScopes` the token is an access
token that holds one of them; without, it is an ID token), "Gateway response types" (ACCESS_DENIED:
"when access is denied by a custom or Amazon Cognito authorizer").

ministack has fixed this when tests/emulator/test_authorizer_tokens.py passes with
`unpatched=("authorizer_tokens",)`.
"""

from typing import Any

from ministack.services import apigateway_v1 as gateway

from . import Server


def apply(server: Server) -> None:
    stock = gateway._validate_cognito_authorizer

    async def validate(authorizer: Any, method: dict[str, Any], *request: Any) -> Any:
        scopes = method.get("authorizationScopes") or []
        unscoped = {**method, "authorizationScopes": []}
        claims, error = await stock(authorizer, unscoped, *request)
        if error:
            return claims, error
        if claims.get("token_use") != ("access" if scopes else "id"):
            return None, gateway._gw_error("UNAUTHORIZED", "Unauthorized")
        if scopes and not set(scopes) & set(gateway._token_scopes(claims)):
            return None, gateway._deny_error(explicit=False)
        return claims, None

    gateway._validate_cognito_authorizer = validate
