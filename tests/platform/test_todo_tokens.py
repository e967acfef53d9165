"""The tokens that the to-do API accepts, and how users get, renew and revoke them."""

import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa

from local.cloud import PROJECT, Cloud
from local.people import Place
from tests.emulator.cloud import until
from tests.emulator.gateway import VERIFIER, Answer, Users, call, claims, hidden, send_form
from tests.platform.people import PASSWORD, Person

EMAIL = "token@example.com"
PATHS = yaml.safe_load((PROJECT / "apis/todo.yaml").read_text())["paths"]
GUARDED = [
    (verb.upper(), path)
    for path, item in PATHS.items()
    for verb, operation in item.items()
    if operation["security"]
]
TODO = "/todos/00000000-0000-4000-8000-000000000000"
"""A to-do that does not exist."""
REFUSED = {
    401: {"error": "Unauthorized", "field": "Authorization", "message": "is missing or not valid"},
    403: {"error": "Forbidden", "field": "Authorization", "message": "does not allow this"},
}


class Login(Users):
    """The to-do pool for `Users`, and the sign-in on its login page."""

    def __init__(self, cloud: Cloud, place: Place) -> None:
        self.endpoint = cloud.endpoint
        self.client = place.client_id
        self.callback = f"{cloud.outputs['todo']['siteUrl']}/"

    def request(self, scope: str = "openid") -> dict[str, str]:
        return {**super().request(scope), "redirect_uri": self.callback}

    def ask(self, **request: str) -> Answer:
        """Return the page or redirect before the sign-in."""
        return call(f"{self.endpoint}/oauth2/authorize?{urlencode(request)}")

    def sign_in_at(self, page: Answer) -> Answer:
        """Return the redirect after the sign-in."""
        fields = {**hidden(page), "username": EMAIL, "password": PASSWORD}
        return send_form(f"{self.endpoint}/login", **fields)

    def code(self, **request: str) -> str:
        location = self.sign_in_at(self.ask(**(request or self.request()))).headers["location"]
        assert location.startswith(f"{self.callback}?"), location
        return dict(parse_qsl(urlsplit(location).query))["code"]

    def redeem(self, code: str, **verifier: str) -> Answer:
        grant = {"grant_type": "authorization_code", "redirect_uri": self.callback}
        return self.token(**grant, code=code, **verifier)

    def tokens(self, scope: str = "openid") -> dict[str, str]:
        answer = self.redeem(self.code(**self.request(scope)), code_verifier=VERIFIER)
        assert answer.status == 200, answer.text
        return answer.json

    def refresh(self, token: str) -> Answer:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def revoke(self, token: str) -> Answer:
        return send_form(f"{self.endpoint}/oauth2/revoke", token=token, client_id=self.client)


@pytest.fixture(scope="module")
def place(cloud: Cloud) -> Place:
    return Place.of(cloud.endpoint, cloud.outputs["todo"], cloud.mails)


@pytest.fixture(scope="module")
def person(cloud: Cloud, place: Place) -> Person:
    return Person(cloud, place, EMAIL)


@pytest.fixture(scope="module")
def login(cloud: Cloud, place: Place, person: Person) -> Login:
    return Login(cloud, place)


def status(place: Place, token: str | None, method: str = "GET", path: str = "/todos") -> int:
    """Return the status of a call. A rejection has the message of the document."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    answer = call(place.url + path, method, **headers)
    if answer.status in REFUSED:
        assert answer.json == REFUSED[answer.status]
    return answer.status


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_only_health_answers_without_a_token(place: Place, method: str, path: str):
    path = path.replace("{todoId}", TODO.rsplit("/", 1)[-1]).replace("{name}", "cat.jpg")
    assert status(place, None, method, path) == 401
    assert status(place, "", method, path) == 401
    assert status(place, "x", method, path) == 401
    assert status(place, None, "GET", "/health") == 200


def test_tokens_that_the_pool_did_not_sign_are_refused(place: Place, person: Person):
    token = person.access_token
    assert status(place, token) == 200
    header, content = jwt.get_unverified_header(token), claims(token)
    head, payload, signature = token.split(".")
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = {"kid": header["kid"]}
    longer = jwt.encode({**content, "exp": content["exp"] + 3600}, own, "RS256", kid).split(".")[1]
    forged = {
        "another's key": jwt.encode(content, own, "RS256", kid),
        "another's key under another name": jwt.encode(content, own, "RS256", {"kid": "own"}),
        "no name of a key": jwt.encode(content, own, "RS256"),
        "the key's name as a secret": jwt.encode(content, header["kid"] * 2, "HS256", kid),
        "no signature": jwt.encode(content, None, "none", kid),
        "signature taken off": f"{head}.{payload}.",
        "longer life": f"{head}.{longer}.{signature}",
        "changed signature": f"{head}.{payload}.{signature[:-8]}AAAAAAAA",
    }
    assert {name: status(place, each) for name, each in forged.items()} == dict.fromkeys(
        forged, 401
    )


def test_a_token_of_another_pool_is_refused(cloud: Cloud, place: Place):
    foreign = Users(cloud, domain="foreign")
    foreign.add(EMAIL)
    token = foreign.sign_in(EMAIL)["AccessToken"]
    assert "aws.cognito.signin.user.admin" in claims(token)["scope"]
    assert status(place, token) == 401


def test_an_id_token_is_not_an_access_token(place: Place, person: Person):
    assert status(place, person.tokens["IdToken"]) == 401


def test_an_expired_token_is_refused(cloud: Cloud, place: Place, person: Person):
    """With a client of the same pool and a validity of seconds, which the emulator allows."""
    users = cloud.client("cognito-idp")
    client = users.create_user_pool_client(
        UserPoolId=place.user_pool_id,
        ClientName="short",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        AccessTokenValidity=3,
        TokenValidityUnits={"AccessToken": "seconds"},
    )["UserPoolClient"]["ClientId"]
    token = users.admin_initiate_auth(
        UserPoolId=place.user_pool_id,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": EMAIL, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    assert status(place, token) == 200
    until(lambda: status(place, token) == 401, seconds=10)
    assert time.time() >= claims(token)["exp"]


def test_a_token_allows_only_its_scopes(place: Place, login: Login):
    read = login.tokens("openid todos/read")["access_token"]
    write = login.tokens("openid todos/write")["access_token"]
    other = login.tokens("openid email")["access_token"]
    assert [status(place, each) for each in (read, write, other)] == [200, 403, 403]
    deletions = [status(place, each, "DELETE", TODO) for each in (read, write, other)]
    assert deletions == [403, 204, 403]


def test_a_code_is_valid_once_and_with_its_verifier(login: Login):
    code = login.code()
    for wrong in ({"code_verifier": "w" * 50}, {}):
        answer = login.redeem(code, **wrong)
        assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    assert login.redeem(code, code_verifier=VERIFIER).status == 200
    again = login.redeem(code, code_verifier=VERIFIER)
    assert (again.status, again.json["error"]) == (400, "invalid_grant")


def test_a_challenge_must_be_a_digest(login: Login):
    """Cognito does not require a challenge. Our client always sends one."""
    request = login.request()
    for method in ({"code_challenge_method": "plain"}, {}):
        plain = {**request, "code_challenge": VERIFIER}
        del plain["code_challenge_method"]
        answer = login.ask(**plain, **method)
        assert answer.status == 302 and "error=invalid_request" in answer.headers["location"]
    elsewhere = login.ask(**{**request, "redirect_uri": "https://elsewhere.example/"})
    assert elsewhere.status == 400 and "location" not in elsewhere.headers


def test_a_refresh_token_is_exchanged_for_another(place: Place, login: Login):
    first = login.tokens("openid todos/read")["refresh_token"]
    renewed = login.refresh(first).json
    assert renewed["refresh_token"] != first
    assert claims(renewed["access_token"])["scope"] in ("openid todos/read", "todos/read openid")
    assert status(place, renewed["access_token"]) == 200
    # The grace period, for lost responses, expires.
    until(lambda: login.refresh(first).status == 400, seconds=30)
    assert login.refresh(first).json["error"] == "invalid_grant"
    assert login.refresh(renewed["refresh_token"]).status == 200


def test_a_revoked_refresh_token_returns_no_new_tokens(place: Place, login: Login):
    tokens = login.tokens("openid todos/read")
    newer = login.refresh(tokens["refresh_token"]).json["refresh_token"]
    assert login.revoke(newer).status == 200
    for ended in (newer, tokens["refresh_token"]):
        answer = login.refresh(ended)
        assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    # API Gateway does not ask Cognito: an issued token is valid until it expires.
    assert status(place, tokens["access_token"]) == 200
