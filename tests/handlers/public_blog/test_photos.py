"""Photos: upload forms, the gallery, and the state of a photo."""

import json
import re
from types import SimpleNamespace

import pytest
from aws_clients import SIGNING
from photo_names import fit, photo_id
from public_blog.photos import app, forms
from public_blog.photos.clients import PhotosClients

from ..api import Answer
from ..aws import make_clients
from ..documents import assert_documented, document
from ..photo_thumbnails.pictures import file, scene
from ..photo_thumbnails.world import PhotoWorld
from ..requests import request
from ..todo_list.test_files import http_send, send

CONTENT = file(scene())
MOST = 100_000


class PhotoApi:
    """The function with the buckets of a photo world."""

    def __init__(self, emulator):
        self.world = PhotoWorld(emulator)
        signer = make_clients(emulator, "s3", config=SIGNING).s3
        clients = SimpleNamespace(s3=self.world.s3, signer=signer)
        settings = app.Settings(self.world.uploads, "uploads/", self.world.images, "img/", MOST, 0)
        self.function = app.make(settings, clients, frozenset())

    def call(self, operation, **parts):
        event = request(operation, user=None, **parts)
        response = self.function(event)
        assert_documented("blog", event, response)
        return Answer(response)

    def form(self, content_type="image/jpeg"):
        answer = self.call("POST /photos", body={"contentType": content_type})
        assert answer.status == 201
        return {**answer.body, "method": "POST", "headers": {}}

    def state(self, photo):
        return self.call("GET /photos/{photoId}", path={"photoId": photo}).body

    def uploaded(self):
        listed = self.world.s3.list_objects_v2(Bucket=self.world.uploads).get("Contents", [])
        return [each["Key"] for each in listed]


@pytest.fixture
def api(emulator):
    return PhotoApi(emulator)


def test_from_the_form_to_the_gallery(api):
    form = api.form()
    key = form["fields"]["key"]
    assert re.fullmatch("uploads/[0-9a-f]{32}", key) and form["photoId"] == photo_id(key)
    assert api.state(form["photoId"]) == {"photoId": form["photoId"], "status": "waiting"}
    assert send(form, CONTENT)[0] == 204
    stored = api.world.s3.head_object(Bucket=api.world.uploads, Key=key)
    assert stored["ContentType"] == "image/jpeg"

    assert api.world.notify(key) == []
    state = api.state(form["photoId"])
    assert state["status"] == "ready"
    answer = api.call("GET /photos")
    assert answer.body == {"items": [state["photo"]]}
    assert answer.headers["Cache-Control"] == "public, max-age=10"
    for thumbnail in state["photo"]["thumbnails"]:
        answer = api.world.s3.head_object(Bucket=api.world.images, Key=thumbnail["path"][1:])
        assert answer["ContentType"] == thumbnail["type"]
        size = max(thumbnail["width"], thumbnail["height"])
        assert (thumbnail["width"], thumbnail["height"]) == fit(640, 480, size)


def test_a_failed_photo_has_a_reason(api):
    form = api.form("image/png")
    assert send(form, b"<html>")[0] == 204
    api.world.notify(form["fields"]["key"])
    state = api.state(form["photoId"])
    assert (state["status"], state["code"]) == ("failed", "NotAPicture")
    assert "key" not in state and api.call("GET /photos").body == {"items": []}


def test_a_held_photo_waits(api):
    form = api.form()
    send(form, CONTENT)
    key = form["fields"]["key"]
    api.world.notify(key, function=api.world.function(manual_approval=1))
    assert api.world.state(key)["status"] == "held"
    assert api.state(form["photoId"]) == {"photoId": form["photoId"], "status": "waiting"}
    assert api.call("GET /photos").body == {"items": []}


FORM_CHANGES = {
    "another key": {"key": "uploads/mine"},
    "another folder": {"key": "img/x"},
    "another type": {"Content-Type": "text/html"},
    "public": {"acl": "public-read"},
    "approved": {
        "tagging": "<Tagging><TagSet><Tag><Key>review</Key><Value>approved</Value></Tag></TagSet>"
        "</Tagging>"
    },
    "redirect": {"success_action_redirect": "https://evil.example.com/"},
    "another policy": {"policy": "e30="},
}


@pytest.mark.parametrize("changes", FORM_CHANGES.values(), ids=FORM_CHANGES.keys())
def test_a_form_stores_only_what_was_signed(api, changes):
    assert send(api.form(), CONTENT, **changes)[0] in (400, 403)
    assert api.uploaded() == []


@pytest.mark.parametrize(("size", "status"), [(0, 400), (1, 204), (MOST, 204), (MOST + 1, 400)])
def test_a_form_stores_only_sizes_that_are_allowed(api, size, status):
    assert send(api.form(), b"x" * size)[0] == status
    assert len(api.uploaded()) == (status == 204)


def test_every_form_has_a_unique_key(api):
    assert len({api.form()["fields"]["key"] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"contentType": "text/html"},
        {"contentType": "image/svg+xml"},
        {"contentType": "image/jpeg; charset=x"},
        {"contentType": 1},
        {"contentType": "image/jpeg", "key": "uploads/mine"},
        "nonsense",
    ],
)
def test_invalid_bodies_are_rejected(api, body):
    assert api.call("POST /photos", body=body).status == 400


def test_the_gallery_in_pages_newest_first(api):
    keys = [f"uploads/{number}" for number in range(5)]
    for number, key in enumerate(keys):
        entry_of = api.world.convert(key, file(scene(40 + number, 40), "PNG"))["entry"]
        # S3 has a resolution of one second, so set the times explicitly.
        countdown = f"{5_000_000_000_000 - number:013d}"
        api.world.s3.delete_object(Bucket=api.world.images, Key=f"gallery/{entry_of}")
        api.world.s3.put_object(
            Bucket=api.world.images, Key=f"gallery/{countdown}{entry_of[13:]}", Body=b""
        )
    api.world.s3.put_object(Bucket=api.world.images, Key="gallery/0-not-ours", Body=b"")
    found, after = [], {}
    for _ in range(10):
        page = api.call("GET /photos", query={"limit": 2, **after}).body
        found += [each["width"] for each in page["items"]]
        if "next" not in page:
            break
        after = {"next": page["next"]}
    assert found == [44, 43, 42, 41, 40]


@pytest.mark.parametrize(
    "query", [{"next": ""}, {"next": "x"}, {"next": "../photos/"}, {"limit": 0}, {"limit": 101}]
)
def test_invalid_queries_are_rejected(api, query):
    assert api.call("GET /photos", query=query).status == 400


@pytest.mark.parametrize("photo", ["x", "0" * 31, "A" * 32, "../photos/" + "0" * 22])
def test_invalid_ids_are_rejected(api, photo):
    answer = api.call("GET /photos/{photoId}", path={"photoId": photo})
    assert answer.refused == (400, "photoId")


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_forms_use_the_host_that_pages_may_send_to(monkeypatch, region):
    """The host of the output `uploads_url`, which the Content-Security-Policy of the site names."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    for accelerated, host in (
        (True, "pictures.s3-accelerate.amazonaws.com"),
        (False, f"pictures.s3.{region}.amazonaws.com"),
    ):
        signed = forms.Forms("pictures", "uploads/", 10, PhotosClients(accelerated).signer)
        event = request("POST /photos", body={"contentType": "image/jpeg"})
        answer = json.loads(app.Api({"POST /photos": signed.create}, frozenset())(event)["body"])
        assert answer["url"].split("/")[2] == host
        assert answer["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_operations_and_types_match_the_document(api):
    paths = document("blog")["paths"]
    tagged = {
        f"{method.upper()} {path}"
        for path, item in paths.items()
        for method, operation in item.items()
        if operation["tags"] == ["photos"]
    }
    assert set(api.function.operations) == tagged
    types = document("blog")["components"]["schemas"]["NewPhoto"]["properties"]["contentType"]
    assert tuple(types["enum"]) == forms.MEDIA_TYPES


def test_uploads_cannot_be_read(api):
    form = api.form()
    send(form, CONTENT)
    status, _, _ = http_send("GET", f"{form['url'].rstrip('/')}/{form['fields']['key']}")
    assert status == 403
