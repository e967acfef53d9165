"""Photos on the emulator: upload form, queue, function, and distribution."""

import io
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from photo_names import photo_id
from PIL import Image
from signed_content_distribution._shared.cloudfront_links import Links, Terms

from local.cloud import Cloud
from local.emulator.process import PROJECT
from tests.emulator.cloud import until
from tests.emulator.gateway import call
from tests.handlers.photo_thumbnails.pictures import (
    difference,
    file,
    png_bomb,
    scene,
    with_exif,
)
from tests.handlers.signed_content_distribution.keys import pair
from tests.handlers.todo_list.test_files import http_send, send
from tests.projects import copy_program


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Iterator[Cloud]:
    folder = copy_program("photos", tmp_path_factory.mktemp("photos"))
    for name in ("components", "apis"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "key.pem").write_text(pair("ECDSA").public_pem)
    here = os.getcwd()
    os.chdir(folder)  # the paths of bundles and content are relative to it
    with Cloud(program=folder) as cloud:
        yield cloud
    os.chdir(here)


def upload(photos: Cloud, content: bytes, content_type: str = "image/jpeg") -> str:
    """Upload a photo with the form of the API, and return its ID."""
    body = json.dumps({"contentType": content_type})
    url = f"{photos.outputs['url']}/api/photos"
    answer = call(url, "POST", body, content_type="application/json")
    assert answer.status == 201, answer.text
    form = {**answer.json, "method": "POST", "headers": {"Origin": photos.outputs["url"]}}
    status, headers, _ = send(form, content)
    assert status == 204 and headers["Access-Control-Allow-Origin"] == "*"
    return form["photoId"]


def processed(photos: Cloud, photo: str) -> dict[str, Any]:
    def state() -> Any:
        found = call(f"{photos.outputs['url']}/api/photos/{photo}").json
        return found if found["status"] != "waiting" else None

    return until(state, 60)


def gallery(photos: Cloud) -> list[str]:
    listed = photos.client("s3").list_objects_v2(Bucket=photos.outputs["images"], Prefix="gallery/")
    return [each["Key"].split("-")[1] for each in listed.get("Contents", [])]


def count_messages(photos: Cloud) -> int:
    """Return the number of messages in both queues, including those in flight."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    sqs = photos.client("sqs")
    answers = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
        for url in photos.outputs["queues"]
    ]
    return sum(int(answer[name]) for answer in answers for name in names)


def test_a_photo_is_served_at_the_edge(photos: Cloud):
    photo = upload(photos, with_exif(scene(800, 600), 6))
    state = processed(photos, photo)
    assert state["status"] == "ready", state
    found = {(each["width"], each["type"]): each["path"] for each in state["photo"]["thumbnails"]}
    kinds = ("image/webp", "image/jpeg", "image/avif")
    assert found.keys() == {(width, kind) for width in (48, 96) for kind in kinds}
    upright = scene(800, 600).rotate(-90, expand=True)
    for (width, kind), path in found.items():
        status, headers, content = http_send("GET", photos.outputs["url"] + path)
        assert (status, headers["Content-Type"]) == (200, kind)
        assert headers["Cache-Control"] == "public, max-age=31536000, s-maxage=86400, immutable"
        thumbnail = Image.open(io.BytesIO(content))
        assert thumbnail.size == (width, width * 4 // 3)
        assert difference(thumbnail, upright.resize(thumbnail.size)) < 8
    listed = call(f"{photos.outputs['url']}/api/photos").json["items"]
    assert photo in [each["photoId"] for each in listed]


def test_a_signed_put_at_the_edge_is_an_upload(photos: Cloud):
    url, content = f"{photos.outputs['url']}/uploads/signed%20one.jpg", file(scene(300, 200))
    refused = call(url, "PUT", content, content_type="image/jpeg")
    assert refused.status == 403 and "<Code>MissingKey</Code>" in refused.text
    assert photo_id("uploads/signed one.jpg") not in gallery(photos)
    links = Links(photos.outputs["key"], pair("ECDSA").signer())
    signed = links.url(url, Terms(int(time.time()) + 60))
    assert call(signed.replace("one", "two"), "PUT", content).status == 403
    assert call(signed, "PUT", content, content_type="image/jpeg").status == 200
    stored = photos.client("s3").head_object(
        Bucket=photos.outputs["uploads"], Key="uploads/signed one.jpg"
    )
    assert stored["ContentType"] == "image/jpeg"
    state = processed(photos, photo_id("uploads/signed one.jpg"))
    assert state["status"] == "ready", state
    assert (
        http_send("GET", photos.outputs["url"] + state["photo"]["thumbnails"][0]["path"])[0] == 200
    )
    # A signed URL that can write an object can neither read nor delete it.
    for method in ("GET", "DELETE"):
        assert call(signed, method).status == 403


def test_only_thumbnails_are_served_at_the_edge(photos: Cloud):
    state = processed(photos, upload(photos, file(scene())))
    photo = state["photoId"]
    url, bucket = photos.outputs["url"], photos.outputs["images"]
    for path in (f"/photos/{photo}.json", f"/img/../photos/{photo}.json"):
        assert call(url + path).status in (403, 404)
    thumbnail = state["photo"]["thumbnails"][0]["path"]
    assert call(f"{photos.endpoint}/{bucket}{thumbnail}").status == 403


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<html>", "NotAPicture"), (png_bomb(20_000, 20_000), "TooManyPixels")],
    ids=["html", "bomb"],
)
def test_a_file_that_is_not_a_photo_is_recorded_and_leaves_the_queue(photos: Cloud, content, code):
    photo = upload(photos, content)
    state = processed(photos, photo)
    assert (state["status"], state["code"]) == ("failed", code)
    record = photos.client("s3").get_object(
        Bucket=photos.outputs["images"], Key=f"failures/{photo}.json"
    )
    assert json.loads(record["Body"].read())["message"] == state["message"]
    assert photo not in gallery(photos)
    until(lambda: count_messages(photos) == 0)


def test_names_with_special_characters_arrive_unchanged(photos: Cloud):
    s3, bucket = photos.client("s3"), photos.outputs["uploads"]
    keys = ["uploads/a b+c%20&=.jpg", "uploads/Grüße/写真 📷.jpeg", "uploads/" + "x" * 992]
    before = len(gallery(photos))
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=file(scene(), "PNG"))
    until(lambda: len(gallery(photos)) == before + len(keys), 60)
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)
    until(lambda: len(gallery(photos)) == before, 60)


def test_a_photo_that_a_versioned_bucket_keeps_leaves_the_gallery_and_can_return(photos: Cloud):
    s3, bucket, key = photos.client("s3"), photos.outputs["uploads"], "uploads/kept.jpg"
    # As with `retain_data`, which this program does not set, so that it can be destroyed.
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key=key, Body=file(scene()))
    photo = photo_id(key)
    until(lambda: photo in gallery(photos), 60)
    s3.delete_object(Bucket=bucket, Key=key)
    until(lambda: photo not in gallery(photos), 60)
    found = s3.list_object_versions(Bucket=bucket, Prefix=key)
    assert [each["Key"] for each in found["Versions"]] == [key]
    (marker,) = found["DeleteMarkers"]
    s3.delete_object(Bucket=bucket, Key=key, VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == file(scene())
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def test_other_notifications_are_sent_too(photos: Cloud):
    sqs, key = photos.client("sqs"), "uploads/notified"
    photos.client("s3").put_object(Bucket=photos.outputs["uploads"], Key=key, Body=file(scene()))

    def notified() -> bool:
        answer = sqs.receive_message(
            QueueUrl=photos.outputs["notifications"], MaxNumberOfMessages=10
        )
        events = [json.loads(each["Body"]) for each in answer.get("Messages", [])]
        return key in [event["detail"]["object"]["key"] for event in events]

    until(notified, 30)


def test_a_photo_with_manual_approval_is_published_when_its_upload_is_tagged(photos: Cloud):
    s3, key = photos.client("s3"), "uploads/reviewed"
    uploads, images = photos.outputs["reviewed"]

    def stored(prefix: str) -> list[str]:
        listed = s3.list_objects_v2(Bucket=images, Prefix=prefix)
        return [each["Key"] for each in listed.get("Contents", [])]

    s3.put_object(Bucket=uploads, Key=key, Body=file(scene()))
    until(lambda: stored("held/"), 60)
    assert stored("img/") == stored("gallery/") == []
    approval = {"TagSet": [{"Key": "review", "Value": "approved"}]}
    s3.put_object_tagging(Bucket=uploads, Key=key, Tagging=approval)
    until(lambda: stored("gallery/"), 60)
    until(lambda: not stored("held/"), 60)
    assert len(stored("img/")) == 1
    s3.delete_object_tagging(Bucket=uploads, Key=key)
    until(lambda: stored("held/") and not stored("img/"), 60)
    assert stored("gallery/") == []


def test_uploads_cannot_be_read_without_permission(photos: Cloud):
    s3, bucket = photos.client("s3"), photos.outputs["uploads"]
    s3.put_object(Bucket=bucket, Key="uploads/private", Body=b"x")
    assert call(f"{photos.endpoint}/{bucket}/uploads/private").status == 403
