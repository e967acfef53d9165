"""Signed URLs and cookies are valid according to AWS's documentation and equal to botocore's."""

from datetime import UTC, datetime

import pytest
from botocore.signers import CloudFrontSigner
from signed_content_distribution._shared.cloudfront_links import Links, Terms, with_query

from .aws_verifier import verify_cookies, verify_url
from .keys import HASHES, KINDS, Pair, pair

URL = "https://d111111abcdef8.cloudfront.net/film/caf%C3%A9%20%26%20tea.mp4"
EXPIRES = 1_767_290_400


def links(key: Pair, hash_algorithm: str = "SHA256") -> Links:
    return Links("K2JCJMDEHXQW5F", key.signer(hash_algorithm))


@pytest.mark.parametrize("hash_algorithm", HASHES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("url", [URL, f"{URL}?color=red&size=medium"])
def test_canned_urls(kind: str, hash_algorithm: str, url: str):
    signed = links(pair(kind), hash_algorithm).url(url, Terms(EXPIRES))
    assert "Policy=" not in signed
    assert signed.endswith("&Hash-Algorithm=SHA256") == (hash_algorithm == "SHA256")
    verified = verify_url(signed, pair(kind).public_pem)
    assert (verified.url, verified.resource, verified.key_id) == (url, url, "K2JCJMDEHXQW5F")
    assert verified.condition == {"DateLessThan": {"AWS:EpochTime": EXPIRES}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("terms", "condition"),
    [
        (Terms(EXPIRES, starts=5), {"DateGreaterThan": {"AWS:EpochTime": 5}}),
        (Terms(EXPIRES, address="192.0.2.7"), {"IpAddress": {"AWS:SourceIp": "192.0.2.7/32"}}),
        (Terms(EXPIRES, address="192.0.2.0/24"), {"IpAddress": {"AWS:SourceIp": "192.0.2.0/24"}}),
        (
            Terms(EXPIRES, starts=5, address="192.0.2.7"),
            {
                "DateGreaterThan": {"AWS:EpochTime": 5},
                "IpAddress": {"AWS:SourceIp": "192.0.2.7/32"},
            },
        ),
    ],
)
def test_custom_urls(kind: str, terms: Terms, condition: dict):
    verified = verify_url(links(pair(kind)).url(URL, terms), pair(kind).public_pem)
    assert (verified.url, verified.resource) == (URL, URL)
    assert verified.condition == {"DateLessThan": {"AWS:EpochTime": EXPIRES}, **condition}


@pytest.mark.parametrize("hash_algorithm", HASHES)
@pytest.mark.parametrize("kind", KINDS)
def test_cookies_and_a_query_string_for_a_folder(kind: str, hash_algorithm: str):
    folder = "https://d111111abcdef8.cloudfront.net/film/hls/*"
    made = links(pair(kind), hash_algorithm)
    cookies = made.grant(folder, Terms(EXPIRES)).cookies
    assert ("CloudFront-Hash-Algorithm" in cookies) == (hash_algorithm == "SHA256")
    assert verify_cookies(cookies, pair(kind).public_pem).resource == folder
    url = with_query(folder.replace("*", "1.ts"), made.grant(folder, Terms(EXPIRES)).query)
    assert verify_url(url, pair(kind).public_pem).resource == folder


def test_urls_are_equal_to_those_of_botocore():
    key = pair("RSA")
    ours = links(key, "SHA1")
    theirs = CloudFrontSigner("K2JCJMDEHXQW5F", key.signer("SHA1").sign)
    moment = datetime.fromtimestamp(EXPIRES, UTC)
    for url in (URL, f"{URL}?a=1"):
        assert ours.url(url, Terms(EXPIRES)) == theirs.generate_presigned_url(url, moment)
        start = datetime.fromtimestamp(5, UTC)
        policy = theirs.build_policy(url, moment, start, "192.0.2.7")
        ourselves = ours.url(url, Terms(EXPIRES, starts=5, address="192.0.2.7"))
        assert ourselves == theirs.generate_presigned_url(url, policy=policy)


@pytest.mark.parametrize("url", ["https://d/a b", 'https://d/"', "https://d/\\", "https://d/é", ""])
def test_text_that_is_not_an_encoded_url_is_not_signed(url: str):
    for terms in (Terms(EXPIRES), Terms(EXPIRES, starts=1)):
        with pytest.raises(ValueError, match="percent-encoded"):
            links(pair("ECDSA")).url(url, terms)
        with pytest.raises(ValueError, match="percent-encoded"):
            links(pair("ECDSA")).grant(url, terms)
