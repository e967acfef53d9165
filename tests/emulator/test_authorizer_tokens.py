"""The tokens that a Cognito authorizer accepts."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulator.cloud import until
from tests.emulator.gateway import Users, call, claims, deployed, document, echo, proxy


def url_of(cloud, users):
    """An API with a route for a scope and a route for ID tokens."""
    integration = proxy(echo(cloud))
    scopes = ["notes/write", "aws.cognito.signin.user.admin"]
    return deployed(
        cloud,
        document(
            {
                "/scoped": {"get": {"security": [{"users": scopes}], **integration}},
                "/plain": {"get": {"security": [{"users": []}], **integration}},
                "/open": {"get": {"security": [], **integration}},
            },
            components={"securitySchemes": users.scheme()},
        ),
    )


@pytest.fixture
def users(cloud):
    users = Users(cloud)
    users.add()
    return users


def status(url, token):
    return call(url, authorization=f"Bearer {token}").status


def test_a_route_with_scopes_accepts_access_tokens_with_one_of_them(cloud, users):
    url, direct = url_of(cloud, users), users.sign_in()
    assert status(f"{url}/scoped", direct["AccessToken"]) == 200
    assert status(f"{url}/scoped", users.authorize("openid notes/write")["access_token"]) == 200
    assert status(f"{url}/scoped", users.authorize("openid notes/read")["access_token"]) == 403
    assert status(f"{url}/scoped", direct["IdToken"]) == 401
    assert call(f"{url}/scoped").status == 401
    assert call(f"{url}/open").status == 200


def test_a_route_without_scopes_accepts_id_tokens(cloud, users):
    url, direct = url_of(cloud, users), users.sign_in()
    assert status(f"{url}/plain", direct["AccessToken"]) == 401
    answer = call(f"{url}/plain", authorization=direct["IdToken"])
    assert answer.json["claims"]["sub"] == claims(direct["IdToken"])["sub"]
    assert answer.json["claims"]["email"] == "a@example.com"


def test_forged_foreign_and_expired_tokens_are_refused(cloud, users):
    url, token = f"{url_of(cloud, users)}/scoped", users.sign_in()["AccessToken"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    header = jwt.get_unverified_header(token)
    forged = jwt.encode(claims(token), key, "RS256", {"kid": header["kid"]})
    head, _payload, signature = token.split(".")
    widened = jwt.encode({**claims(token), "scope": "notes/write"}, key, "RS256").split(".")[1]
    foreign = Users(cloud, domain="foreign")
    foreign.add()
    for bad in (
        forged,
        f"{head}.{widened}.{signature}",
        jwt.encode(claims(token), None, "none", {"kid": header["kid"]}),
        foreign.sign_in()["AccessToken"],
        "x",
        "",
    ):
        assert status(url, bad) == 401


def test_a_token_expires(cloud):
    units = {"AccessToken": "seconds"}
    users = Users(cloud, AccessTokenValidity=2, TokenValidityUnits=units)
    users.add()
    url, token = f"{url_of(cloud, users)}/scoped", users.sign_in()["AccessToken"]
    assert status(url, token) == 200
    until(lambda: status(url, token) == 401, seconds=5)
    assert time.time() >= claims(token)["exp"]


def test_stock_accepts_any_token_and_answers_401_for_a_scope(stock_gateway):
    users = Users(stock_gateway)
    users.add()
    url = url_of(stock_gateway, users)
    assert status(f"{url}/plain", users.sign_in()["AccessToken"]) == 200
    assert status(f"{url}/scoped", users.authorize("openid notes/read")["access_token"]) == 401
