"""Rotation and revocation of refresh tokens."""

from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from tests.emulator.gateway import PASSWORD, Users, call, claims, hidden, send_form

ROTATION = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}


@pytest.fixture
def users(cloud):
    users = Users(cloud, RefreshTokenRotation=ROTATION)
    users.add()
    return users


def refresh(users, token):
    return users.token(grant_type="refresh_token", refresh_token=token)


def test_a_refresh_token_is_valid_once(users):
    first = users.authorize("openid notes/read")
    second = refresh(users, first["refresh_token"])
    assert claims(second.json["access_token"])["scope"] == "notes/read openid"
    reused = refresh(users, first["refresh_token"])
    assert (reused.status, reused.json["error"]) == (400, "invalid_grant")
    assert refresh(users, second.json["refresh_token"]).status == 200


def test_a_refresh_token_is_valid_once_in_the_api(users):
    first = users.sign_in()["RefreshToken"]
    call = users.idp.get_tokens_from_refresh_token
    second = call(ClientId=users.client, RefreshToken=first)["AuthenticationResult"]
    with pytest.raises(ClientError, match="RefreshTokenReuseException"):
        call(ClientId=users.client, RefreshToken=first)
    assert call(ClientId=users.client, RefreshToken=second["RefreshToken"])


def test_a_refresh_token_is_valid_again_within_the_grace_period(cloud):
    users = Users(cloud, RefreshTokenRotation={**ROTATION, "RetryGracePeriodSeconds": 60})
    users.add()
    token = users.authorize()["refresh_token"]
    assert [refresh(users, token).status for _ in range(2)] == [200, 200]


def test_without_rotation_a_refresh_token_stays_valid(cloud):
    users = Users(cloud)
    users.add()
    token = users.authorize()["refresh_token"]
    answers = [refresh(users, token) for _ in range(2)]
    assert [each.status for each in answers] == [200, 200]
    assert "refresh_token" not in answers[0].json


def test_a_revoked_token_and_its_successors_are_invalid(users):
    first = users.authorize()["refresh_token"]
    second = refresh(users, first).json["refresh_token"]
    assert revoke(users, second).status == 200
    assert refresh(users, second).json["error"] == "invalid_grant"


def test_revocation_checks_the_client_and_the_token(users):
    tokens = users.authorize()
    assert revoke(users, tokens["access_token"]).json["error"] == "unsupported_token_type"
    assert revoke(users, "").json["error"] == "invalid_request"
    url = f"{users.endpoint}/oauth2/revoke"
    other = send_form(url, token=tokens["refresh_token"], client_id="x")
    assert other.json["error"] == "invalid_client"
    assert refresh(users, tokens["refresh_token"]).status == 200


def revoke(users, token):
    return send_form(f"{users.endpoint}/oauth2/revoke", token=token, client_id=users.client)


def test_a_wrong_verifier_gets_no_token(users):
    page = call(f"{users.endpoint}/oauth2/authorize?{urlencode(users.request())}")
    login = {**hidden(page), "username": "a@example.com", "password": PASSWORD}
    done = send_form(f"{users.endpoint}/login", **login)
    assert users.exchange(done, verifier="w" * 50).json["error"] == "invalid_grant"


def test_stock_neither_rotates_nor_revokes(stock):
    users = Users(stock, RefreshTokenRotation=ROTATION)
    users.add()
    token = users.authorize()["refresh_token"]
    assert "refresh_token" not in refresh(users, token).json
    assert revoke(users, token).status != 200
    assert refresh(users, token).status == 200
