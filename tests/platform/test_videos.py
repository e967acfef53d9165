"""The videos system on the emulator, as its clients use it: curl, a player, and the shop."""

import base64
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.cloud import Cloud
from local.people import Place
from tests.emulator.cloud import until
from tests.emulator.gateway import Answer, call
from tests.handlers.signed_content_distribution.aws_verifier import verify_url
from tests.handlers.signed_content_distribution.videos_world import signed
from tests.platform.people import Person

APP = "http://localhost:8083"
"""The setting `videosAppUrl`."""
JSON = {"content_type": "application/json"}
KEY = b"what the shop and the tests know"
MOVIE = b"0123456789abcdef" * 1024
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.ts\n#EXTINF:2,\n2.ts\n#EXT-X-ENDLIST\n"
FILES: dict[str, bytes] = {
    "film/1.mp4": MOVIE,
    "film/caf\u00e9 & tea.mp4": b"a name with everything",
    "film/hls/index.m3u8": PLAYLIST.encode(),
    "film/hls/1.ts": b"first",
    "film/hls/2.ts": b"second",
    "other/1.mp4": b"not bought",
}


class Shop:
    """Registers purchases in the API."""

    def __init__(self, cloud: Cloud, url: str) -> None:
        self._url = url
        secret = f"whsec_{base64.b64encode(KEY).decode()}"
        arn = cloud.outputs["videos"]["webhookSecret"]
        cloud.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=secret)

    def sells(self, person: Person, item: str = "film", **changes: Any) -> str:
        event = {
            "type": "granted",
            "purchaseId": f"p-{item}",
            "userId": person.sub,
            "item": item,
            "occurredAt": utc(0),
            **changes,
        }
        answer = self.send(json.dumps(event))
        assert answer.status == 200, answer.text
        return answer.json["outcome"]

    def send(self, body: str, key: bytes = KEY) -> Answer:
        headers = signed(f"e-{uuid.uuid4()}", time.time(), body, key)
        headers = {name.replace("-", "_"): value for name, value in headers.items()}
        return call(f"{self._url}/registrations", "POST", body, **headers, **JSON)


def utc(seconds: float) -> str:
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(scope="module")
def place(cloud: Cloud) -> Place:
    return Place.of(cloud.endpoint, cloud.outputs["videos"], cloud.mails)


@pytest.fixture(scope="module")
def site(cloud: Cloud) -> str:
    """The address of the uploaded content."""
    bucket = cloud.outputs["videos"]["contentBucket"]
    for key, content in FILES.items():
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return cloud.outputs["videos"]["siteUrl"]


@pytest.fixture(scope="module")
def shop(cloud: Cloud, place: Place) -> Shop:
    return Shop(cloud, place.url)


@pytest.fixture(scope="module")
def ann(cloud: Cloud, place: Place, shop: Shop) -> Person:
    """A user who has bought the film."""
    person = Person(cloud, place, "ann@example.com")
    shop.sells(person)
    return person


@pytest.fixture(scope="module")
def bob(cloud: Cloud, place: Place) -> Person:
    """A user who has bought nothing."""
    return Person(cloud, place, "bob@example.com")


def ask(person: Person, path: str = "film/1.mp4", **body: Any) -> Answer:
    return person.call("/links", "POST", json.dumps({"path": path, **body}), **JSON)


def link(person: Person, path: str = "film/1.mp4", **body: Any) -> str:
    answer = ask(person, path, **body)
    assert answer.status == 201, answer.text
    return answer.json["url"]


def test_pages_of_the_app_can_call_the_api(place: Place):
    preflight = call(f"{place.url}/links", "OPTIONS", origin=APP)
    assert preflight.headers["access-control-allow-origin"] == APP
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    refused = call(f"{place.url}/links", "POST", "{}", origin=APP)
    assert refused.status == 401
    assert refused.headers["access-control-allow-origin"] == APP


def test_access_is_granted_and_revoked(cloud: Cloud, place: Place, shop: Shop, site: str):
    eve = Person(cloud, place, "eve@example.com")
    assert call(f"{site}/film/1.mp4").status == 403
    refused = ask(eve)
    assert (refused.status, refused.json["error"]) == (403, "Forbidden"), refused.text

    assert shop.sells(eve) == "applied"
    url = link(eve, seconds=2)
    whole = call(url)
    assert (whole.status, whole.headers["content-length"]) == (200, str(len(MOVIE)))
    part = call(url, range="bytes=1000-1099")
    assert (part.status, part.headers["content-range"]) == (206, f"bytes 1000-1099/{len(MOVIE)}")
    assert call(url, "HEAD").headers["content-length"] == str(len(MOVIE))

    until(lambda: call(url).status == 403)  # although it is cached at the edge
    assert call(url, range="bytes=0-1").status == 403
    assert call(link(eve)).status == 200
    assert shop.sells(eve, type="cancelled") == "applied"
    assert ask(eve).status == 403


def test_links_match_the_documentation(cloud: Cloud, ann: Person, site: str):
    keys = cloud.client("cloudfront")
    items = keys.list_public_keys()["PublicKeyList"]["Items"]
    pems = {each["Id"]: each["EncodedKey"] for each in items}
    url = link(ann, startsAt=utc(600), bindAddress=True)
    pem = pems[cloud.outputs["videos"]["signingKeyId"]]
    verified = verify_url(url, pem)
    assert verified.url == verified.resource == f"{site}/film/1.mp4"
    assert verified.condition.keys() == {"DateLessThan", "DateGreaterThan", "IpAddress"}
    assert call(url).status == 403  # not yet


def test_names_with_special_characters_and_download_names(ann: Person, site: str):
    url = link(ann, "film/caf\u00e9 & tea.mp4", downloadName="Tea.mp4")
    answer = call(url)
    assert (answer.status, answer.text) == (200, "a name with everything")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Tea.mp4"
    assert call(url.replace("Tea", "Virus")).status == 403


def test_a_player_opens_a_folder_with_cookies_or_a_query_string(ann: Person, site: str):
    answer = ann.call("/passes", "POST", json.dumps({"folder": "film/hls"}), **JSON)
    assert answer.status == 201, answer.text
    base, query = answer.json["baseUrl"], answer.json["query"]
    cookies = "; ".join(f"{name}={value}" for name, value in answer.json["cookies"].items())
    playlist = call(f"{base}index.m3u8", cookie=cookies).text
    segments = [line for line in playlist.splitlines() if not line.startswith("#")]
    assert [call(base + each, cookie=cookies).text for each in segments] == ["first", "second"]
    assert [call(f"{base}{each}?{query}").text for each in segments] == ["first", "second"]
    for outside in (f"{site}/film/1.mp4", f"{site}/other/1.mp4", f"{base}../1.mp4"):
        assert call(outside, cookie=cookies).status == 403, outside
        assert call(f"{outside}?{query}").status == 403, outside
    assert call(f"{base}1.ts").status == 403


def test_the_content_cannot_be_reached_in_other_ways(
    cloud: Cloud, place: Place, site: str, ann: Person, bob: Person
):
    bucket, endpoint = cloud.outputs["videos"]["contentBucket"], urlsplit(cloud.endpoint).netloc
    assert call(f"http://{endpoint}/{bucket}/film/1.mp4").status == 403
    url = link(ann)
    # For S3 its parameters look like a malformed S3 signature.
    assert call(f"http://{endpoint}/{bucket}/film/1.mp4?{urlsplit(url).query}").status in (400, 403)
    assert call(url.replace("film/1.mp4", "other/1.mp4")).status == 403
    assert call(url.partition("?")[0]).status == 403
    assert call(url, "PUT", "mine").status == 403
    for path in ("", "film/", "film/1.mp4/", "%66ilm/1.mp4", "film//1.mp4", "film/../film/1.mp4"):
        assert call(f"{site}/{path}").status == 403, path
    body = json.dumps({"path": "film/1.mp4"})
    for token in ("", "Bearer forged", f"Bearer {bob.access_token}x"):
        assert call(f"{place.url}/links", "POST", body, authorization=token, **JSON).status == 401
    assert ask(bob).status == 403
    assert ask(ann, "other/1.mp4").status == 403


def test_the_functions_have_only_the_permissions_that_they_need(cloud: Cloud):
    """The signing function cannot register, and the registering function cannot sign."""
    iam = cloud.client("iam")
    for role, refused in (("links", "dynamodb:DeleteItem"), ("registration", "kms:Sign")):
        name = cloud.find("aws:iam/role:Role", f"videos-api-function-{role}-role").id
        document = json.dumps(
            [
                iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"]
                for each in iam.list_role_policies(RoleName=name)["PolicyNames"]
            ]
        )
        assert refused not in document


@pytest.mark.parametrize(
    "path", ["film/../other/1.mp4", "film/%2e%2e/other/1.mp4", "/film/1.mp4", "film/" + "x" * 4096]
)
def test_paths_outside_of_the_content_are_refused(ann: Person, path: str):
    assert ask(ann, path).status == 400


def test_an_entitlement_that_expired_a_second_ago_is_refused(
    cloud: Cloud, place: Place, shop: Shop, site: str
):
    dan = Person(cloud, place, "dan@example.com")
    shop.sells(dan, validUntil=utc(3))
    url = link(dan, seconds=3600)
    assert call(url).status == 200
    until(lambda: ask(dan).status == 403)
    until(lambda: call(url).status == 403)  # the link ended with the entitlement


def test_forged_and_invalid_registrations_are_refused(shop: Shop, bob: Person):
    event = {"type": "granted", "purchaseId": "p", "userId": bob.sub, "occurredAt": utc(0)}
    assert shop.send(json.dumps(event), b"guessed").status == 401
    assert shop.send(json.dumps({**event, "price": 1})).status == 400
    assert shop.send("nonsense").status == 400
    assert shop.send(json.dumps({**event, "occurredAt": utc(3600)})).status == 400
    assert ask(bob).status == 403


def test_every_link_is_logged(cloud: Cloud, ann: Person):
    link(ann, seconds=77)
    rows = cloud.client("dynamodb").query(
        TableName=cloud.outputs["videos"]["auditTable"],
        KeyConditionExpression="userId = :user",
        ExpressionAttributeValues={":user": {"S": ann.sub}},
        ScanIndexForward=False,
    )["Items"]
    assert rows[0]["path"] == {"S": "film/1.mp4"}
    assert not [row for row in rows if "Signature" in json.dumps(row)]


def test_no_private_key_is_anywhere(cloud: Cloud):
    """Neither in Pulumi's state, nor in the functions' settings, nor in their logs."""
    state = json.dumps([[each.inputs, each.outputs] for each in cloud.resources], default=str)
    assert "BEGIN PUBLIC KEY" in state
    secret = base64.b64encode(KEY).decode()
    for where, text in (("state", state), ("logs", cloud.function_logs.read_text())):
        assert "PRIVATE KEY" not in text, where
        assert secret not in text, where
