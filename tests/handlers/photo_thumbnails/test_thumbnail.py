"""The thumbnail function: which objects it stores for uploads, and when it stores nothing."""

import json
import logging

import pytest
from botocore.exceptions import ClientError
from photo_names import ATTEMPTS, FAILURES, GALLERY, Entry, photo_id

from ..api import Spy
from .pictures import difference, file, opened, png_bomb, scene, with_exif
from .world import Rekognition

JPEG = file(scene())
KEY = "uploads/a"


def test_a_photo_becomes_thumbnails_and_an_entry(photos):
    state = photos.convert(KEY, with_exif(scene(), 6))
    assert (state["status"], state["key"], state["photoId"]) == ("ready", KEY, photo_id(KEY))
    entry = photos.entry(KEY)
    assert (entry.width, entry.height) == (480, 640)
    assert (entry.sizes, entry.formats) == ((64, 128), ("webp", "jpg"))
    assert photos.stored(GALLERY) == [GALLERY + entry.name]
    assert len(photos.stored("img/")) == 4
    key = "img/" + entry.path(128, "webp")
    answer = photos.s3.get_object(Bucket=photos.images, Key=key)
    assert answer["ContentType"] == "image/webp"
    assert answer["CacheControl"] == "public, max-age=31536000, s-maxage=86400, immutable"
    turned = scene().rotate(-90, expand=True).resize((96, 128))
    assert difference(opened(answer["Body"].read()), turned) < 6


NAMES = {
    "spaces": "uploads/my holiday  photo .jpg",
    "plus signs": "uploads/1+1=2 100%.jpg",
    "percents": "uploads/a%2Fb%20c.jpg",
    "unicode": "uploads/Grüße/写真 📷.jpeg",
    "dots": "uploads/./../a//b",
    "no ending": "uploads/x",
    "another ending": "uploads/x.html",
    "1,000 characters": "uploads/" + "x" * 992,
    "1,024 bytes": "uploads/" + "é" * 508,
}


@pytest.mark.parametrize("key", NAMES.values(), ids=NAMES.keys())
def test_uploads_with_any_name(photos, key):
    assert photos.convert(key, JPEG)["key"] == key
    assert len(photos.stored("img/")) == 4


FAILURE_CASES = {
    "no bytes": (b"", "Empty"),
    "html named .jpg": (b"<html><script>alert(1)</script></html>", "NotAPicture"),
    "cut off": (JPEG[: len(JPEG) // 2], "Unreadable"),
    "bomb": (png_bomb(22_000, 22_000), "TooManyPixels"),
    "too many bytes": (JPEG + b"\0" * 1_000_000, "TooLarge"),
}


@pytest.mark.parametrize(("content", "code"), FAILURE_CASES.values(), ids=FAILURE_CASES.keys())
def test_a_file_that_cannot_be_converted_is_recorded_once(photos, caplog, content, code):
    caplog.set_level(logging.INFO)
    key = "uploads/x.jpg"
    state = photos.convert(key, content)
    assert (state["status"], state["code"]) == ("failed", code)
    assert state["message"].endswith(".") and state["key"] == key
    assert json.loads(photos.get(f"{FAILURES}{photo_id(key)}.json")) == state
    assert photos.stored("img/") == photos.stored(GALLERY) == []
    logged = [each for each in caplog.records if each.message == "photo failed"]
    assert [each.code for each in logged] == [code]
    assert "x.jpg" not in str([vars(each) for each in caplog.records])


def test_a_file_that_is_too_large_is_not_read(photos):
    spy = Spy(photos.s3)
    photos.upload(KEY, b"x" * 5_000_000)
    photos.notify(KEY, function=photos.function(spy))
    (answer,) = [r for name, a, r in spy.calls if name == "get_object" and a["Key"] == KEY]
    assert answer["Body"].tell() == 0


def test_a_repeated_message_does_nothing(photos):
    photos.convert(KEY, JPEG)
    spy = Spy(photos.s3)
    photos.notify(KEY, KEY, function=photos.function(spy))
    assert {name for name, _, _ in spy.calls} == {"get_object", "head_object", "list_objects_v2"}
    assert len(photos.stored()) == 7


def test_a_failed_conversion_is_not_repeated(photos):
    photos.convert(KEY, b"nonsense")
    spy = Spy(photos.s3)
    photos.notify(KEY, function=photos.function(spy))
    assert "put_object" not in {name for name, _, _ in spy.calls}


def test_other_sizes_are_created_from_the_existing_upload(photos):
    photos.convert(KEY, JPEG)
    photos.notify(KEY, function=photos.function(sizes="32"))
    assert photos.entry(KEY).sizes == (32,)
    assert len(photos.stored("img/")) == 2 and len(photos.stored(GALLERY)) == 1


def test_a_new_picture_with_the_same_name_replaces_the_thumbnails(photos):
    photos.convert(KEY, JPEG)
    old = photos.stored("img/")
    photos.convert(KEY, file(scene(300, 300), "PNG"))
    new = photos.stored("img/")
    assert len(new) == 4 and not set(old) & set(new)
    assert photos.stored(GALLERY) == [GALLERY + photos.entry(KEY).name]
    assert photos.entry(KEY).formats == ("webp", "png")


def test_valid_after_invalid_and_invalid_after_valid(photos):
    assert photos.convert(KEY, b"bad")["status"] == "failed"
    assert photos.convert(KEY, JPEG)["status"] == "ready"
    assert photos.stored(FAILURES) == []
    assert photos.convert(KEY, b"worse")["status"] == "failed"
    assert photos.stored("img/") == photos.stored(GALLERY) == []


def test_deleting_an_upload_deletes_all_its_objects(photos):
    for content in (JPEG, b"bad"):
        photos.convert(KEY, content)
        photos.s3.delete_object(Bucket=photos.uploads, Key=KEY)
        assert photos.notify(KEY) == [] and photos.notify(KEY) == []
        assert photos.stored() == []


class Racing:
    """An S3 client with another upload before the first PUT of a thumbnail."""

    def __init__(self, photos, content):
        self._photos, self._content = photos, content

    def __getattr__(self, name):
        return getattr(self._photos.s3, name)

    def put_object(self, **wanted):
        content, self._content = self._content, None
        if content == b"deleted":
            self._photos.s3.delete_object(Bucket=self._photos.uploads, Key=KEY)
        elif content:
            self._photos.convert(KEY, content)  # in a concurrent invocation
        return self._photos.s3.put_object(**wanted)


def test_the_last_of_concurrent_uploads_wins(photos):
    blue = file(scene(200, 100), "PNG")
    photos.upload(KEY, JPEG)
    assert photos.notify(KEY, function=photos.function(Racing(photos, blue))) == []
    assert (photos.entry(KEY).width, photos.entry(KEY).formats) == (200, ("webp", "png"))
    thumbnails = [opened(photos.get(key)).size for key in photos.stored("img/")]
    assert sorted(thumbnails) == [(64, 32), (64, 32), (128, 64), (128, 64)]
    assert len(photos.stored(GALLERY)) == 1

    photos.upload(KEY, JPEG)
    racing = photos.function(Racing(photos, b"deleted"), timeout=0)
    assert photos.notify(KEY, function=racing) == []
    assert photos.stored() == []


class Failing:
    """An S3 client with one failing call."""

    def __init__(self, client, which):
        self._client, self._left = client, which

    def __getattr__(self, name):
        def call(**wanted):
            self._left -= 1
            if self._left == 0:
                raise ClientError({"Error": {"Code": "SlowDown"}}, name)
            return getattr(self._client, name)(**wanted)

        return call


@pytest.mark.parametrize("which", range(1, 17))
def test_after_any_failing_call_the_next_attempt_succeeds(photos, which):
    photos.upload(KEY, JPEG)
    assert photos.notify(KEY, function=photos.function(Failing(photos.s3, which))) == (
        ["m"] if which <= 15 else []
    )
    assert photos.notify(KEY, received=2, function=photos.function(timeout=0)) == []
    assert photos.state(KEY)["status"] == "ready"
    assert len(photos.stored("img/")) == 4 and len(photos.stored()) == 7


class Crash(BaseException):
    """The end of the function in the middle of a photo, such as by its timeout."""


class Crashing:
    """An S3 client that ends the function at the first thumbnail."""

    def __init__(self, client):
        self._client = client

    def put_object(self, **wanted):
        if wanted["Key"].startswith("img/"):
            raise Crash
        return self._client.put_object(**wanted)

    def __getattr__(self, name):
        return getattr(self._client, name)


def crash(photos, received):
    with pytest.raises(Crash):
        photos.notify(KEY, received=received, function=photos.function(Crashing(photos.s3)))


def test_receives_whose_invocation_was_throttled_are_no_attempts(photos):
    photos.upload(KEY, JPEG)
    assert photos.notify(KEY, received=10) == []
    assert photos.state(KEY)["status"] == "ready"


def test_after_three_attempts_a_photo_is_given_up_and_can_be_recovered(photos):
    """An upload that crashed the function three times is not converted a fourth time."""
    photos.upload(KEY, JPEG)
    for received in (1, 4, 5):
        crash(photos, received)
    for received in (6, 7):
        assert photos.notify(KEY, received=received) == ["m"]
    assert (photos.state(KEY)["code"], len(photos.stored(FAILURES))) == ("GaveUp", 1)
    assert photos.notify(KEY, received=1) == []  # from the dead-letter queue
    assert photos.state(KEY)["status"] == "ready" and photos.stored(FAILURES) == []
    assert photos.notify(KEY, received=10) == []  # a duplicate changes nothing
    assert photos.stored(ATTEMPTS) == []


def test_another_upload_of_a_photo_has_its_own_attempts(photos):
    photos.upload(KEY, JPEG)
    for received in (1, 2, 3):
        crash(photos, received)
    photos.upload(KEY, file(scene(200, 100), "PNG"))
    assert photos.notify(KEY, received=4) == []
    assert photos.state(KEY)["status"] == "ready"


def test_messages_that_do_not_concern_uploads(photos):
    photos.upload("img/x", JPEG)
    test_event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": photos.uploads}
    assert photos.notify(body=json.dumps(test_event)) == []
    assert photos.notify("img/x") == []
    assert photos.stored() == []
    for body in ("nonsense", "[]", '{"Records": [{}]}', "{}"):
        assert photos.notify(body=body) == ["m"]


def test_moderation_rejects_before_anything_is_stored(photos):
    photos.rekognition = Rekognition(["Explicit Nudity"], [])
    state = photos.convert(KEY, file(scene(), "PNG"), moderation_confidence=70)
    assert (state["code"], state["moderationLabels"]) == ("Moderated", ["Explicit Nudity"])
    assert photos.stored("img/") == []
    (asked,) = photos.rekognition.asked
    assert asked["MinConfidence"] == 70 and opened(asked["Image"]["Bytes"]).format == "JPEG"


def test_labels_are_stored_with_the_photo(photos):
    photos.rekognition = Rekognition([], ["Cat", "Sofa"])
    looks = {"moderation_confidence": 80, "label_confidence": 75, "max_labels": 2}
    state = photos.convert(KEY, file(scene(40, 20), "GIF"), **looks)
    assert (state["status"], state["labels"]) == ("ready", ["Cat", "Sofa"])
    assert photos.rekognition.asked[1]["MaxLabels"] == 2
    shown = opened(photos.rekognition.asked[0]["Image"]["Bytes"])
    assert min(shown.size) >= 50  # the minimum of Rekognition


def test_names_of_entries_contain_all_values_and_sort_newest_first():
    entries = [
        Entry("a" * 32, "b" * 16, moment, 4000, 3000, (256, 512), ("webp", "jpg"))
        for moment in (1, 1_700_000_000_000, 1_700_000_000_001)
    ]
    assert [Entry.parse(each.name) for each in entries] == entries
    names = [each.name for each in entries]
    assert sorted(names) == names[::-1]
    for bad in ("", "x", names[0] + "/", names[0].replace("webp", "../webp"), names[0][1:]):
        assert Entry.parse(bad) is None
