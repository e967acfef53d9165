"""Links are issued only to entitled users. They are signed and recorded."""

import json
from types import SimpleNamespace

import pytest
from api import Refusal
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from signed_content_distribution._shared.paid_links.paths import content_path

from ..requests import ADA, BOB, request
from .aws_verifier import verify_cookies, verify_url
from .keys import KINDS, pair
from .videos_world import CONTENT, NOW

SPECS = {"ECDSA": "ECC_NIST_P256", "RSA": "RSA_2048"}
SECOND = int(NOW)
SOURCE_IP = request("POST /links")["requestContext"]["identity"]["sourceIp"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_buyer_gets_a_link_signed_by_kms(videos, kind):
    videos.register()
    answer = videos.link(function=videos.links(SPECS[kind]))
    assert answer.status == 201
    verified = verify_url(answer.body["url"], videos.public_pem(SPECS[kind]))
    assert (verified.url, verified.key_id) == (f"{CONTENT}/film/1.mp4", "KEY")
    assert verified.condition["DateLessThan"]["AWS:EpochTime"] == SECOND + 600
    assert answer.body["expiresAt"] == "2027-01-15T08:10:00.000Z"


@pytest.mark.parametrize("kind", KINDS)
def test_a_buyer_gets_a_link_signed_in_process(videos, kind):
    videos.register()
    function = videos.links_in_process(kind)
    before = len(videos.clients.secretsmanager.calls)
    for path in ("film/1.mp4", "film/2.mp4"):
        url = videos.link(path, function).body["url"]
        assert verify_url(url, pair(kind).public_pem).url == f"{CONTENT}/{path}"
    assert len(videos.clients.secretsmanager.calls) == before  # the key is read once


def test_a_key_that_cloudfront_does_not_support_is_rejected_at_the_start():
    from cryptography.hazmat.primitives.asymmetric import ec
    from signed_content_distribution.links_in_process.key_signer import KeySigner

    from .keys import Pair

    other = Pair(ec.generate_private_key(ec.SECP384R1()))
    with pytest.raises(ValueError, match="RSA-2048 and ECDSA P-256"):
        KeySigner(other.private_pem.encode())


def test_one_signature_is_valid_for_a_folder(videos):
    videos.register()
    body = videos.folder_pass(seconds=3600).body
    assert body["baseUrl"] == f"{CONTENT}/film/hls/"
    verified = verify_cookies(body["cookies"], videos.public_pem())
    assert verified.resource == f"{CONTENT}/film/hls/*"
    assert verified.condition["DateLessThan"]["AWS:EpochTime"] == SECOND + 3600
    segment = f"{body['baseUrl']}1.ts?{body['query']}"
    assert verify_url(segment, videos.public_pem()).resource == verified.resource
    assert [name for name, *_ in videos.clients.kms.calls].count("sign") == 1


def test_a_shared_domain_gets_cookies(videos):
    videos.cookie_domain = "example.com"
    videos.register()
    event = request("POST /passes", body={"folder": "film/hls"})
    response = videos.links()(event)
    cookies = response["multiValueHeaders"]["Set-Cookie"]
    assert len(cookies) == 4
    scope = "; Domain=example.com; Path=/film/hls/; Secure; HttpOnly; SameSite=Lax"
    assert {each.removesuffix(scope) for each in cookies} == {
        f"{name}={value}" for name, value in json.loads(response["body"])["cookies"].items()
    }


def test_nobody_else_gets_a_link(videos):
    assert videos.link().refused == (403, "path")
    videos.register()
    assert videos.link().status == 201
    assert videos.link(user=BOB).refused == (403, "path")
    for path in ("films/1.mp4", "fil/1.mp4", "film2/1.mp4", "Film/1.mp4", "plan/1.mp4"):
        assert videos.link(path).refused == (403, "path"), path
    assert videos.folder_pass("other").refused == (403, "folder")
    assert len(videos.rows(videos.audit)) == 1


def test_a_plan_covers_every_item_until_it_ends(videos):
    videos.register(item=None, validUntil="2027-01-15T08:05:00Z")
    answer = videos.link("anything/1.mp4")
    assert answer.body["expiresAt"] == "2027-01-15T08:05:00.000Z"  # not the default of 10 minutes
    videos.now = SECOND + 5 * 60 - 0.5
    assert videos.link("anything/1.mp4").status == 201
    videos.now = SECOND + 5 * 60
    assert videos.link("anything/1.mp4").refused == (403, "path")


def test_no_link_is_issued_one_second_after_the_end(videos):
    videos.register(validUntil="2027-01-15T08:00:01Z")
    assert videos.link().status == 201
    videos.now += 1
    assert videos.link().refused == (403, "path")
    assert videos.rows(videos.entitlements)  # refused by the check, not because the row is deleted


def test_the_longest_entitlement_applies(videos):
    videos.register("e1", purchaseId="short", validUntil="2027-01-15T08:01:00Z")
    assert videos.link().body["expiresAt"] == "2027-01-15T08:01:00.000Z"
    videos.register("e2", purchaseId="long", item=None, validUntil="2027-01-15T08:02:00Z")
    assert videos.link().body["expiresAt"] == "2027-01-15T08:02:00.000Z"
    videos.register("e3", purchaseId="own")
    assert videos.link().body["expiresAt"] == "2027-01-15T08:10:00.000Z"


def test_entitlements_are_read_consistently(videos):
    videos.register()
    videos.link()
    queries = [call for name, call, _ in videos.clients.dynamodb.calls if name == "query"]
    assert all(each["ConsistentRead"] for each in queries)


def test_start_address_and_download_name(videos):
    videos.register()
    answer = videos.link(
        "film/café & 100% tea?*.mp4",
        startsAt="2027-01-15T09:00:00Z",
        bindAddress=True,
        downloadName="Thé 'no'.mp4",
        seconds=60,
    )
    verified = verify_url(answer.body["url"], videos.public_pem())
    path = "/film/caf%C3%A9%20%26%20100%25%20tea%3F%2A.mp4"
    name = "attachment%3B%20filename%2A%3DUTF-8%27%27Th%25C3%25A9%2520%2527no%2527.mp4"
    assert verified.url == f"{CONTENT}{path}?response-content-disposition={name}"
    assert verified.resource == verified.url
    assert verified.condition == {
        "DateLessThan": {"AWS:EpochTime": SECOND + 3660},
        "DateGreaterThan": {"AWS:EpochTime": SECOND + 3600},
        "IpAddress": {"AWS:SourceIp": f"{SOURCE_IP}/32"},
    }
    assert answer.body["startsAt"] == "2027-01-15T09:00:00.000Z"
    past = videos.link(startsAt="2027-01-15T07:59:59Z").body
    assert "startsAt" not in past and "Policy=" not in past["url"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seconds": 59}, "seconds"),
        ({"seconds": 3601}, "seconds"),
        ({"seconds": 60.0}, "seconds"),
        ({"seconds": True}, "seconds"),
        ({"startsAt": "tomorrow"}, "startsAt"),
        ({"startsAt": "2027-02-30T09:00:00Z"}, "startsAt"),
        ({"startsAt": "2027-01-16T08:00:01Z"}, "startsAt"),
        ({"bindAddress": "yes"}, "bindAddress"),
        ({"downloadName": "../x"}, "downloadName"),
        ({"downloadName": "a\r\nSet-Cookie: b"}, "downloadName"),
        ({"downloadName": ""}, "downloadName"),
        ({"unknown": 1}, "unknown"),
        ({"path": 1}, "path"),
    ],
)
def test_invalid_terms_are_rejected(videos, body, field):
    videos.register()
    assert videos.link(**{"path": "film/1.mp4", **body}).refused == (400, field)


def test_only_ipv4_addresses_can_be_bound(videos):
    videos.register()
    event = request("POST /links", body={"path": "film/1.mp4", "bindAddress": True})
    event["requestContext"]["identity"]["sourceIp"] = "2001:db8::1"
    assert videos.links()(event)["statusCode"] == 400


def test_the_address_of_an_edge_location_is_not_bound(videos):
    videos.register()
    event = request("POST /links", body={"path": "film/1.mp4", "bindAddress": True})
    event["headers"] = {**event["headers"], "x-amz-cf-id": "abc=="}
    assert videos.links()(event)["statusCode"] == 400
    event["body"] = '{"path": "film/1.mp4"}'
    assert videos.links()(event)["statusCode"] == 201


PATHS = [
    *("", "/", "film", "film/", "/film/1.mp4", "film//1.mp4", "film/./1.mp4", "film/../other/1"),
    *(
        "../film/1.mp4",
        "film/..",
        "film/%2e%2e/other/1",
        "film/..%2fother",
        "film/a%00b",
        "film\\1",
    ),
    *("film/a\x00b", "film/a\nb", "film/\u2028", "film/\ud800", "*/1.mp4", "?ilm/1.mp4", "fi lm/1"),
    *(
        "film#/1.mp4",
        "film/" + "x" * 4096,
        "film/" + "é" * 510,
        "film?x=/1.mp4",
        "../../etc/passwd",
    ),
]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_paths_that_lead_elsewhere_are_rejected(videos, path):
    videos.register(item=None)  # even with an entitlement for all items
    assert videos.link(path).refused == (400, "path")
    assert not videos.rows(videos.audit)


@given(st.text())
def test_any_accepted_path_is_one_url_below_its_item(text):
    try:
        path = content_path("path", text)
    except Refusal:
        return
    assert path.encoded.startswith(f"{path.item}/")
    assert not set(path.encoded) & set('*?#\\" ')
    assert "/../" not in f"/{path.encoded}/" and "//" not in path.encoded


def test_every_link_is_recorded_without_its_signature(videos):
    videos.register()
    url = videos.link(bindAddress=True).body["url"]
    videos.folder_pass("film")
    rows = {row["kind"]["S"]: row for row in videos.rows(videos.audit)}
    file = rows["file"]
    assert file["userId"] == {"S": ADA} and file["path"] == {"S": "film/1.mp4"}
    assert file["issuedAt"]["S"].startswith("2027-01-15T08:00:00.250Z#")
    assert file["endsAt"] == {"N": str(SECOND + 600)} and file["keyId"] == {"S": "KEY"}
    assert file["address"] == {"S": SOURCE_IP}
    assert file["expiresAt"] == {"N": str(SECOND + 600 + 30 * 24 * 3600)}
    assert rows["folder"]["path"] == {"S": "film"}
    signature = url.split("Signature=")[1].split("&")[0]
    assert signature not in json.dumps(rows)


def test_a_link_that_cannot_be_recorded_is_not_issued(videos):
    videos.register()
    function = videos.links()
    videos.clients.dynamodb.delete_table(TableName=videos.audit)
    with pytest.raises(ClientError):
        function(request("POST /links", body={"path": "film/1.mp4"}))


def test_throttling_by_kms_is_counted_and_returns_503(videos, capsys):
    class Throttled:
        def sign(self, **_):
            answer = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}
            raise ClientError(answer, "Sign")

    videos.register()
    answer = videos.link(function=videos.links(kms=Throttled()))
    assert answer.refused == (503, "")
    assert answer.headers["Retry-After"] == "1"
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert counted[-1]["SigningThrottled"] == 1
    assert counted[-1]["EntitlementsTable"] == videos.entitlements
    assert not videos.rows(videos.audit)


def test_links_and_refusals_are_counted(videos, capsys):
    videos.link()
    videos.register()
    videos.link()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each.keys() & {"LinksRefused", "LinksIssued"} for each in lines] == [
        {"LinksRefused"},
        {"LinksIssued"},
    ]


def test_without_a_user_there_is_no_link(videos):
    event = request("POST /links", user=None, body={"path": "film/1.mp4"})
    clients = SimpleNamespace()
    assert videos.links(kms=clients)(event)["statusCode"] == 401
