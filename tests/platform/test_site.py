"""StaticSite on the emulator, with the requests of a browser."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from components.static_site.encoding import encoded
from local.cloud import Cloud
from local.emulator.process import PROJECT
from local.errors import DeploymentError
from tests.emulator.gateway import Answer, call
from tests.projects import copy_program

JSON = {"content_type": "application/json"}
ENCODED = "my café [a+b~c].html"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Any:
    folder = copy_program("site", tmp_path_factory.mktemp("site"))
    (folder / "components").symlink_to(PROJECT / "components")
    (folder / "site" / ENCODED).write_bytes(b"one\r\n")
    return folder


@pytest.fixture(scope="module")
def reports() -> list[dict[str, Any]]:
    return []


@pytest.fixture(scope="module")
def site(folder, reports) -> Iterator[Cloud]:
    here = os.getcwd()
    os.chdir(folder)  # the paths of bundles and content are relative to it
    with Cloud(program=folder, listen=reports.append) as cloud:
        yield cloud
    os.chdir(here)


@pytest.fixture
def get(site) -> Any:
    """`get(path, method, **headers)` returns the response to a visitor."""

    def request(path: str, method: str = "GET", **headers: str) -> Answer:
        return call(site.outputs["url"] + path, method, **headers)

    return request


def test_the_bucket_is_read_only_through_the_edge(site, get):
    direct = f"{site.endpoint}/{site.outputs['bucket']}/robots.txt"
    assert call(direct).status == 403
    answer = get("/robots.txt")
    assert (answer.status, answer.text) == (200, "User-agent: *\n")
    site.client("s3").put_object(Bucket=site.outputs["pictures"], Key="img/a.png", Body=b"png")
    site.client("s3").put_object(Bucket=site.outputs["pictures"], Key="other.png", Body=b"png")
    assert get("/img/a.png").status == 200
    assert get("/other.png").status == 404


def test_every_path_has_security_headers(get):
    for path in ("/en/", "/robots.txt", "/api/things/1", "/api/things/2", "/img/none.png"):
        headers = get(path).headers
        assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains", path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert headers["permissions-policy"].startswith("camera=()")
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert re.search(r"connect-src 'self' http://127.0.0.1:\d+$", policy)


def test_pages_are_revalidated_and_files_with_a_digest_are_cached(get):
    page = get("/en/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "max-age=0" in page.headers["cache-control"]
    asset = re.search(r"/assets/site\.[0-9a-f]{12}\.css", page.text)[0]
    style = get(asset)
    assert "immutable" in style.headers["cache-control"]
    dot = re.search(r"url\((.*)\)", style.text)[1]
    assert get(dot).headers["content-type"] == "image/svg+xml"
    again = get("/en/", if_none_match=page.headers["etag"])
    assert (again.status, again.text) == (304, "")
    assert again.headers["x-cache"] == "Hit from cloudfront"


def test_a_name_that_browsers_encode_is_served_cached_and_invalidated(site, get):
    paths = [
        "/my%20caf%C3%A9%20%5Ba%2Bb%7Ec%5D.html",
        "/my%20caf%c3%a9%20[a+b~c].html",
        "/my%20caf%C3%A9%20%5Ba+b~c%5D",
    ]
    assert [(get(path).status, get(path).text) for path in paths] == [(200, "one\r\n")] * 3
    assert get(paths[-1]).headers["x-cache"] == "Hit from cloudfront", "all have one cached object"
    site.client("s3").put_object(Bucket=site.outputs["bucket"], Key=ENCODED, Body=b"two")
    event = {
        "distribution": site.outputs["distribution"],
        "files": {encoded(ENCODED): "2"},
        "routes": {},
    }
    before = {**event, "files": {encoded(ENCODED): "1"}}
    event["tf"] = {"action": "update", "prev_input": before}
    functions = site.client("lambda").list_functions()["Functions"]
    name = next(e["FunctionName"] for e in functions if "web-invalidate" in e["FunctionName"])
    site.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    assert {get(path).text for path in paths} == {"two"}


@pytest.mark.parametrize(("accepted", "language"), [("de-CH, en;q=0.5", "de"), ("fr", "en")])
def test_the_root_redirects_to_the_visitors_language(get, accepted, language):
    answer = get("/", accept_language=accepted)
    assert (answer.status, answer.headers["location"]) == (302, f"/{language}/")


def test_deep_links_and_redirects(get):
    assert get("/en/posts/anything-at-all").text == "<title>post en</title>\n"
    assert get("/en/posts/anything.png").status == 404
    moved = get("/old?a=b")
    assert (moved.status, moved.headers["location"]) == (301, "/en/?a=b")


def test_missing_pages_have_an_error_page_and_errors_of_an_api_are_unchanged(get):
    page = get("/de/nothing")
    assert (page.status, page.text) == (404, "<title>missing de</title>")
    for path, status in (("/api/things/2", 404), ("/api/nothing", 403)):
        answer = get(path)
        assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
        assert answer.json["error"]


def test_answers_of_an_api_are_cached_per_authorization(get):
    def fetch(**headers: str) -> tuple[Any, str]:
        answer = get("/api/things/1", **headers)
        return answer.json["authorization"], answer.headers["x-cache"].split(" ")[0]

    first, second = ({"Authorization": f"Bearer {name}"} for name in ("ann", "bob"))
    assert fetch(**first) == ("Bearer ann", "Miss")
    assert fetch(**second) == ("Bearer bob", "Miss")
    assert fetch(**first) == ("Bearer ann", "Hit")


def test_writes_reach_only_the_api(get):
    for _ in range(2):
        answer = get("/api/things/1", "PUT")
        assert answer.json["method"] == "PUT" and answer.headers["x-cache"].startswith("Miss")
    assert get("/en/", "PUT").status == 403


def test_lambda_at_edge_is_created_and_reported_as_not_running(site, reports, get):
    function = site.find("aws:lambda/function:Function", "web-origin-response")
    assert function.outputs["qualifiedArn"].startswith("arn:aws:lambda:us-east-1:")
    assert function.outputs["qualifiedArn"].endswith(":1")
    assert "x-stamp" not in get("/en/").headers
    messages = [each["message"] for each in reports if each["event"] == "not_emulated"]
    assert any("pages are served without Lambda@Edge" in each for each in messages)


def test_a_sync_that_fails_publishes_no_page(folder, monkeypatch):
    monkeypatch.chdir(folder)
    cloud = Cloud(program=folder, overrides={"greeting": "break"})
    with monkeypatch.context() as patch:
        patch.setattr(cloud, "stop", lambda: None)
        with pytest.raises(DeploymentError, match=r"no-such-bucket|NoSuchBucket"):
            cloud.start()
    s3 = cloud.emulator.client("s3")
    try:
        buckets = [each["Name"] for each in s3.list_buckets()["Buckets"]]
        [bucket] = [each for each in buckets if each.startswith("web-content")]
        keys = {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
    finally:
        cloud.stop()
    assert any(key.startswith("assets/site.") for key in keys), (
        "the deployment must fail during the sync, not before it"
    )
    assert not [key for key in keys if key.endswith(".html")]
