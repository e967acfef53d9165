"""Files: signed requests store and read exactly what they name, in the user's folder."""

import http.client
import json
import uuid
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from todo_list.files import app
from todo_list.files.clients import Clients

from ..requests import ADA, BOB, request

CONTENT = b"not really a cat"


def ask(todo, name="cat.jpg", size=None, function=None, **more):
    user, size = more.pop("user", ADA), len(CONTENT) if size is None else size
    body = {"name": name, "contentType": "image/jpeg", "size": size, **more}
    answer = todo.call("POST /files", function=function, user=user, body=body)
    assert answer.status == 201
    return answer.body


def send(upload, content=CONTENT, **changes):
    """Send the upload as a client does and return the status and the error code of S3."""
    headers = {**upload["headers"], **changes.pop("headers", {})}
    if upload["method"] == "PUT":
        return http_send("PUT", upload["url"], content, headers)
    boundary = uuid.uuid4().hex
    fields = {**upload["fields"], **changes}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    form = b"".join([*parts, file.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
    headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    return http_send("POST", upload["url"], form, headers)


def http_send(method, url, body=b"", headers=None):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        text = response.read()
        if response.status < 300:
            return response.status, response.headers, text
        return response.status, response.headers, text.decode()
    finally:
        connection.close()


def names(todo, user=ADA):
    pages = todo.pages("GET /files", user=user)
    return [each["name"] for page in pages for each in page.body["items"]]


@pytest.mark.parametrize("overwrite", [True, False])
def test_upload_list_download_delete(todo, overwrite):
    upload = ask(todo, overwrite=overwrite)
    assert upload["method"] == ("POST" if overwrite else "PUT")
    assert send(upload)[0] in (200, 204)

    assert todo.stored() == [f"users/{ADA}/cat.jpg"]
    (listed,) = todo.call("GET /files").body["items"]
    assert (listed["name"], listed["size"]) == ("cat.jpg", len(CONTENT))
    download = todo.call("GET /files/{name}", path={"name": "cat.jpg"}).body
    assert download["size"] == len(CONTENT)
    status, headers, content = http_send("GET", download["url"])
    assert (status, content) == (200, CONTENT)
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''cat.jpg"
    assert headers["Content-Type"] == "image/jpeg"

    for _ in range(2):
        assert todo.call("DELETE /files/{name}", path={"name": "cat.jpg"}).status == 204
    assert todo.stored() == []
    gone = todo.call("GET /files/{name}", path={"name": "cat.jpg"})
    assert gone.refused == (404, "name")


def test_an_upload_replaces_a_file_unless_overwrite_is_false(todo):
    send(ask(todo))
    assert send(ask(todo), CONTENT.upper())[0] == 204
    refused = send(ask(todo, overwrite=False))
    assert refused[0] == 412
    url = todo.call("GET /files/{name}", path={"name": "cat.jpg"}).body["url"]
    assert http_send("GET", url)[2] == CONTENT.upper()


@pytest.mark.parametrize("size", [0, 1, 1_000_000])
@pytest.mark.parametrize("overwrite", [True, False])
def test_any_size_up_to_the_limit(todo, size, overwrite):
    upload = ask(todo, size=size, overwrite=overwrite)
    assert send(upload, b"x" * size)[0] in (200, 204)
    assert todo.call("GET /files").body["items"][0]["size"] == size


FORM_CHANGES = {
    "another key": {"key": f"users/{BOB}/cat.jpg"},
    "another type": {"Content-Type": "text/html"},
    "public": {"acl": "public-read"},
    "redirect": {"success_action_redirect": "https://evil.example.com/"},
    "metadata": {"x-amz-meta-a": "b"},
    "another policy": {"policy": "e30="},
}


@pytest.mark.parametrize("changes", FORM_CHANGES.values(), ids=FORM_CHANGES.keys())
def test_a_form_stores_only_what_was_signed(todo, changes):
    assert send(ask(todo), **changes)[0] in (400, 403)
    assert todo.stored() == []


@pytest.mark.parametrize("content", [b"", CONTENT + b"!", CONTENT[:-1]])
@pytest.mark.parametrize("overwrite", [True, False])
def test_another_size_is_rejected(todo, content, overwrite):
    assert send(ask(todo, overwrite=overwrite), content)[0] in (400, 403)
    assert todo.stored() == []


def test_put_stores_only_what_was_signed(todo):
    send(ask(todo))
    upload = ask(todo, overwrite=False)
    without = {**upload, "headers": {"Content-Type": "image/jpeg"}}
    assert send(without)[0] == 403
    assert send(upload, headers={"Content-Type": "text/html"})[0] == 403
    assert send({**upload, "url": upload["url"].replace(ADA, BOB)})[0] == 403
    assert todo.stored() == [f"users/{ADA}/cat.jpg"]


def test_put_signs_every_limiting_header(todo):
    query = urlsplit(ask(todo, overwrite=False)["url"]).query
    assert "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match" in query
    assert "checksum" not in query.lower()


def test_signatures_expire_soon_and_have_version_4(todo):
    before = datetime.now(UTC)
    upload = ask(todo, function=todo.files(url_seconds=60))
    expires = datetime.fromisoformat(upload["expiresAt"])
    assert 50 < (expires - before).total_seconds() <= 61
    assert upload["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    send(upload)
    download = todo.call(
        "GET /files/{name}", function=todo.files(url_seconds=60), path={"name": "cat.jpg"}
    )
    assert "X-Amz-Expires=60" in download.body["url"]


def test_expired_requests_are_rejected(todo):
    send(ask(todo))
    past = todo.files(url_seconds=-1)
    assert send(ask(todo, "late.jpg", function=past))[0] == 403
    assert todo.stored() == [f"users/{ADA}/cat.jpg"]


def test_a_longer_name_is_another_file(todo):
    send(ask(todo, "cat.jpg.bak"))
    assert todo.call("GET /files/{name}", path={"name": "cat.jpg"}).refused == (404, "name")


def test_two_users_never_see_each_other(todo):
    send(ask(todo, user=ADA))
    assert names(todo, BOB) == []
    read = todo.call("GET /files/{name}", user=BOB, path={"name": "cat.jpg"})
    assert read.refused == (404, "name")
    todo.call("DELETE /files/{name}", user=BOB, path={"name": "cat.jpg"})
    send(ask(todo, user=BOB), CONTENT.upper())
    assert names(todo, ADA) == names(todo, BOB) == ["cat.jpg"]
    assert todo.stored() == [f"users/{ADA}/cat.jpg", f"users/{BOB}/cat.jpg"]
    url = todo.call("GET /files/{name}", user=ADA, path={"name": "cat.jpg"}).body["url"]
    assert http_send("GET", url)[2] == CONTENT
    assert http_send("GET", url.replace(ADA, BOB))[0] == 403


NAMES = [
    "a b.txt",
    "50% off.txt",
    "100%.txt",
    "a+b&c=d?e#f.txt",
    "naïve.txt",
    "naïve.txt",
    "猫.jpg",
    "👩‍👩‍👧.png",
    'it\'s "quoted".txt',
    "...",
    ".hidden",
    "n" * 981,
    "é" * 490,
    "*",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("overwrite", [True, False])
def test_names_are_kept_from_upload_to_download(todo, name, overwrite):
    assert send(ask(todo, name, overwrite=overwrite))[0] in (200, 204)
    assert todo.stored() == [f"users/{ADA}/{name}"]
    assert names(todo) == [name]
    download = todo.call("GET /files/{name}", path={"name": name})
    status, headers, content = http_send("GET", download.body["url"])
    assert (status, content) == (200, CONTENT)
    disposition = f"attachment; filename*=UTF-8''{quote(name, '')}"
    assert headers["Content-Disposition"] == disposition
    assert todo.call("DELETE /files/{name}", path={"name": name}).status == 204
    assert todo.stored() == []


@pytest.mark.parametrize("name", ["a b%.txt", "猫.jpg"])
def test_a_path_that_the_gateway_decoded_names_the_same_file(todo, name):
    send(ask(todo, name))
    assert todo.call("GET /files/{name}", pathParameters={"name": name}).status == 200


@pytest.mark.parametrize(
    "raw", ["", "%2F", "..%2Fx", "%2e%2e", "..", "a%252Fb", "%FF", "%00", "a%0d%0ab", "%5C", "%20"]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_invalid_path(shared, method, raw):
    answer = shared.call(f"{method} /files/{{name}}", pathParameters={"name": raw})
    assert answer.refused == (400, "name")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text("./\\%2Ff\0 é", max_size=12))
def test_any_name_stays_in_the_folder_or_is_rejected(shared, name):
    """Check everything up to the signed policy, without sending it."""
    body = {"name": name, "contentType": "image/jpeg", "size": 1}
    try:
        body = json.dumps(body)
    except UnicodeEncodeError:
        return
    answer = shared.call("POST /files", body=body)
    if answer.status == 201:
        assert answer.body["fields"]["key"] == f"users/{ADA}/{name}"
    else:
        assert answer.refused == (400, "name")


@pytest.fixture(scope="module")
def filled(shared):
    """Ada has 30 files, a folder with more files, and two files with invalid names."""
    keys = [f"f{n:02}.txt" for n in range(30)]
    keys += ["", "sub/a", "sub/b", "odd%2Fname", " "]
    for user, some in ((ADA, keys), (BOB, ["bob.txt"])):
        for key in some:
            shared.s3.put_object(Bucket=shared.bucket, Key=f"users/{user}/{key}", Body=b"x")
    yield shared
    for key in shared.stored():
        shared.s3.delete_object(Bucket=shared.bucket, Key=key)


@pytest.mark.parametrize("limit", [1, 7, 30, 100])
def test_pages_list_every_file_once(filled, limit):
    filled.s3.calls.clear()
    pages = filled.pages("GET /files", query={"limit": limit})
    listed = [each["name"] for page in pages for each in page.body["items"]]
    assert listed == [f"f{n:02}.txt" for n in range(30)]
    calls = [arguments for name, arguments, _ in filled.s3.calls]
    assert len(calls) == len(pages)
    assert {each["MaxKeys"] for each in calls} == {limit}
    assert {each["Prefix"] for each in calls} == {f"users/{ADA}/"}


def test_tokens_are_not_valid_for_other_folders(filled):
    mine = filled.call("GET /files", query={"limit": 1}).body["next"]
    assert filled.call("GET /files", user=BOB, query={"next": mine}).refused == (400, "next")
    todos = filled.call("GET /todos", query={"next": mine})
    assert todos.refused == (400, "next")
    assert names(filled, BOB) == ["bob.txt"]


def test_an_unchanged_list_returns_304(filled):
    etag = filled.call("GET /files").headers["ETag"]
    assert filled.call("GET /files", headers={"If-None-Match": etag}).status == 304


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_urls_have_the_region_of_the_bucket(monkeypatch, region):
    """A URL without a Region would redirect, which breaks a form and a signed PUT."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    api = app.make(app.Settings("bucket", 60, 100), Clients(), frozenset())
    for overwrite in (True, False):
        body = {"name": "a.txt", "contentType": "text/plain", "size": 1, "overwrite": overwrite}
        answer = api(request("POST /files", user=ADA, body=body))
        url = json.loads(answer["body"])["url"]
        assert urlsplit(url).netloc == f"bucket.s3.{region}.amazonaws.com"
