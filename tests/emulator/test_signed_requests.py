"""Local mode accepts and refuses the same signed requests as CloudFront."""

import base64
import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from signed_content_distribution._shared.cloudfront_links import Links, Terms, with_query

from local.emulator.edge.signed_requests import Refused, ViewerRequest, check, without_signature
from tests.handlers.signed_content_distribution.keys import HASHES, KINDS, pair

ORIGIN = "https://d111.cloudfront.net"
HERE = "http://d111.cloudfront.localhost:4566"
URL = f"{ORIGIN}/film/1.mp4"
FOLDER = f"{ORIGIN}/film/*"
NOW = 1_700_000_000
KEYS = {f"K{kind}{number}": pair(kind, number).public_pem for kind in KINDS for number in (1, 2)}


def links(kind="ECDSA", hash_algorithm="SHA256", number=1):
    return Links(f"K{kind}{number}", pair(kind, number).signer(hash_algorithm))


def ask(url, cookies=None, address="192.0.2.7", now=NOW, keys=KEYS):
    parts = urlsplit(url)
    request = ViewerRequest((ORIGIN, HERE), parts.path, parts.query, cookies or {}, address)
    check(request, keys, now)


def refused(*arguments, **more):
    with pytest.raises(Refused) as caught:
        ask(*arguments, **more)
    return caught.value.code


@pytest.mark.parametrize("hash_algorithm", HASHES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("url", [URL, f"{URL}?a=1&b=%20", f"{HERE}/film/1.mp4"])
def test_canned_urls_are_valid_until_they_expire(kind, hash_algorithm, url):
    signed = links(kind, hash_algorithm).url(url, Terms(NOW + 60))
    ask(signed)
    ask(signed, now=NOW + 59.9)
    assert refused(signed, now=NOW + 60) == "AccessDenied"


@pytest.mark.parametrize("hash_algorithm", HASHES)
@pytest.mark.parametrize("kind", KINDS)
def test_cookies_and_queries_of_a_folder(kind, hash_algorithm):
    made = links(kind, hash_algorithm)
    cookies, query = (
        made.grant(FOLDER, Terms(NOW + 60)).cookies,
        made.grant(FOLDER, Terms(NOW + 60)).query,
    )
    for path in ("/film/1.ts", "/film/a/b.ts", "/film/", "/film/1.ts?x=1"):
        ask(ORIGIN + path, cookies)
        ask(with_query(ORIGIN + path, query))
    for path in ("/film", "/films/1.ts", "/other/1.ts", "/", "/x/film/1.ts"):
        assert refused(ORIGIN + path, cookies) == "AccessDenied"
        assert refused(with_query(ORIGIN + path, query)) == "AccessDenied"
    assert refused(f"{ORIGIN}/film/1.ts", cookies, now=NOW + 60) == "AccessDenied"


def test_start_time_and_ip_address():
    later = links().url(URL, Terms(NOW + 60, starts=NOW + 10))
    assert refused(later) == "AccessDenied"
    ask(later, now=NOW + 10)
    for network in ("192.0.2.7", "192.0.2.0/24"):
        bound = links().url(URL, Terms(NOW + 60, address=network))
        ask(bound)
        assert refused(bound, address="198.51.100.1") == "AccessDenied"


def test_links_of_botocore_are_valid():
    key = pair("RSA")
    theirs = CloudFrontSigner("KRSA1", key.signer("SHA1").sign)
    expires = datetime.fromtimestamp(NOW + 60, UTC)
    ask(theirs.generate_presigned_url(URL, expires))
    policy = theirs.build_policy(f"{ORIGIN}/f?lm/*", expires, ip_address="192.0.2.0/24")
    ask(theirs.generate_presigned_url(URL, policy=policy))
    anywhere = theirs.build_policy("http*://*/1.mp4", expires)
    ask(theirs.generate_presigned_url(URL, policy=anywhere))


def test_unsigned_unknown_and_wrong_keys():
    assert refused(URL) == "MissingKey"
    assert refused(f"{URL}?Signature=x&Expires=1") == "MissingKey"
    signed = links().url(URL, Terms(NOW + 60))
    assert refused(signed, keys={}) == "InvalidKey"
    assert refused(signed.replace("KECDSA1", "KECDSA2")) == "AccessDenied"
    assert refused(signed.replace("KECDSA1", "KRSA1")) == "AccessDenied"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/film/1.mp4", "/film/2.mp4"),
        ("/film/1.mp4", "/film/%31.mp4"),  # the same object, but not the signed URL
        ("/film/1.mp4", "/film/x/../1.mp4"),
        ("a=1", "a=2"),
        ("a=1&", ""),
        ("a=1&", "a=1&b=2&"),
        (f"Expires={NOW + 60}", f"Expires={NOW + 61}"),
        (f"Expires={NOW + 60}", "Expires=never"),
        (f"Expires={NOW + 60}&", ""),
        ("Hash-Algorithm=SHA256", "Hash-Algorithm=SHA1"),
        ("Hash-Algorithm=SHA256", "Hash-Algorithm=MD5"),
        ("&Hash-Algorithm=SHA256", ""),
        ("Signature=", "Signature=A"),
        ("Signature=", "Signature=%"),
        ("Signature=", "NoSignature="),
        ("&Key-Pair-Id", f"&Expires={NOW + 60}&Key-Pair-Id"),
    ],
)
def test_tampering_is_refused(old, new):
    signed = links().url(f"{URL}?a=1", Terms(NOW + 60))
    assert old in signed
    ask(signed)
    assert refused(signed.replace(old, new)) == "AccessDenied"


def test_a_changed_policy_is_refused():
    made = links().grant(FOLDER, Terms(NOW + 60)).cookies
    wider = json.dumps({"Statement": [{"Condition": {"DateLessThan": {"AWS:EpochTime": 1e11}}}]})
    forged = base64.b64encode(wider.encode()).decode()
    assert refused(URL, {**made, "CloudFront-Policy": forged}) == "AccessDenied"
    for name in made:
        less = {key: value for key, value in made.items() if key != name}
        assert refused(URL, less) in ("AccessDenied", "MissingKey"), name


@pytest.mark.parametrize(
    "policy", ["nonsense", "[]", "{}", '{"Statement":[]}', '{"Statement":[1]}']
)
def test_an_empty_signed_policy_is_refused(policy):
    encoded = base64.b64encode(policy.encode()).decode()
    for plain, safe in ("+-", "=_", "/~"):
        encoded = encoded.replace(plain, safe)
    signature = base64.b64encode(pair("ECDSA").signer().sign(policy.encode())).decode()
    for plain, safe in ("+-", "=_", "/~"):
        signature = signature.replace(plain, safe)
    query = f"Policy={encoded}&Signature={signature}&Key-Pair-Id=KECDSA1&Hash-Algorithm=SHA256"
    assert refused(f"{URL}?{query}") == "MalformedPolicy"


def test_cookies_do_not_replace_an_invalid_url_signature():
    cookies = links().grant(FOLDER, Terms(NOW + 60)).cookies
    ask(URL, cookies)
    assert refused(f"{URL}?Expires=1", cookies) == "MissingKey"
    assert refused(links().url(URL, Terms(NOW)), cookies) == "AccessDenied"


def test_the_origin_never_sees_the_signature():
    signed = links().url(f"{URL}?a=1&b=Expires", Terms(NOW + 60))
    assert without_signature(urlsplit(signed).query) == "a=1&b=Expires"


def test_errors_have_the_form_of_cloudfront():
    with pytest.raises(Refused) as caught:
        ask(URL)
    assert caught.value.body == (
        b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code>'
        b"<Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>"
    )
