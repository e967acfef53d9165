"""With `manual_approval`, nothing of a photo is published before somebody approves it."""

import contextlib
import json

import pytest
from photo_names import FAILURES, GALLERY, HELD, MARKS, photo_id

from ..api import Spy
from ..outbox_pipeline.harness.injector import Crash, Injector
from .pictures import file, scene
from .world import Rekognition

KEY = "uploads/a"
ONE, TWO = file(scene(40, 30), "PNG"), file(scene(50, 20), "PNG")
HOLDING = {"manual_approval": 1, "sizes": "16", "formats": "webp"}


def convert(photos, s3=None, received=1, **settings):
    function = photos.function(s3, **{**HOLDING, **settings})
    with contextlib.suppress(Crash):
        assert photos.notify(KEY, received=received, function=function) in ([], ["m"])


def assert_held(photos):
    photo = photo_id(KEY)
    stored = [key for key in photos.stored() if not key.startswith(MARKS)]
    assert stored == [f"{HELD}{photo}.json", f"photos/{photo}.json"]
    assert json.loads(photos.get(stored[0])) == photos.state(KEY)
    assert (photos.state(KEY)["status"], photos.state(KEY)["key"]) == ("held", KEY)


def assert_published(photos):
    assert photos.state(KEY)["status"] == "ready"
    assert len(photos.stored("img/")) == len(photos.stored(GALLERY)) == 1
    assert photos.stored(HELD) == photos.stored(FAILURES) == []


def test_a_photo_is_held_until_it_is_approved(photos):
    photos.upload(KEY, ONE)
    convert(photos)
    assert_held(photos)
    for tags in ({"other": "approved"}, {"review": "rejected"}, {"Review": "approved"}):
        photos.tag(KEY, **tags)
        convert(photos)
        assert_held(photos)
    photos.tag(KEY, review="approved", other="tag")
    convert(photos)
    assert_published(photos)


def test_an_approval_can_be_withdrawn(photos):
    photos.upload(KEY, ONE)
    photos.tag(KEY, review="approved")
    convert(photos)
    assert_published(photos)
    photos.tag(KEY)
    convert(photos)
    assert_held(photos)


@pytest.mark.parametrize("content", [TWO, ONE], ids=["another picture", "the same picture"])
def test_another_upload_needs_an_approval_of_its_own(photos, content):
    photos.upload(KEY, ONE)
    photos.tag(KEY, review="approved")
    convert(photos)
    photos.upload(KEY, content)
    convert(photos)
    assert_held(photos)


def test_a_deleted_photo_is_no_longer_held(photos):
    photos.upload(KEY, ONE)
    convert(photos)
    photos.delete(KEY)
    convert(photos)
    assert photos.stored() == []


def test_a_file_that_is_no_photo_fails_before_anybody_looks_at_it(photos):
    photos.upload(KEY, ONE)
    convert(photos)
    photos.upload(KEY, b"nonsense")
    convert(photos)
    assert photos.state(KEY)["code"] == "NotAPicture" and photos.stored(HELD) == []
    photos.rekognition = Rekognition(["Explicit Nudity"], [])
    photos.upload(KEY, ONE)
    convert(photos, moderation_confidence=80)
    assert photos.state(KEY)["code"] == "Moderated" and photos.stored(HELD) == []


def test_a_held_photo_is_not_converted_again(photos):
    photos.upload(KEY, ONE)
    convert(photos)
    spy = Spy(photos.s3)
    convert(photos, spy)
    assert not {"put_object", "delete_object"} & {name for name, _, _ in spy.calls}


def test_photos_of_before_and_after_the_setting(photos):
    photos.upload(KEY, ONE)
    convert(photos, manual_approval=0)
    assert_published(photos)
    convert(photos)
    assert_held(photos)
    convert(photos, manual_approval=0)
    assert_published(photos)


@pytest.mark.parametrize("is_approved", [True, False])
def test_an_approval_during_the_conversion_counts(photos, is_approved):
    """A change of the tags at every call: whatever the run has seen, its end agrees with them."""
    before, after = ({}, {"review": "approved"})[:: 1 if is_approved else -1]

    class Changing:
        def __init__(self, number):
            self.left = number

        def __getattr__(self, name):
            def call(**wanted):
                self.left -= 1
                if self.left == 0:
                    photos.tag(KEY, **after)
                    convert(photos)
                return getattr(photos.s3, name)(**wanted)

            return call

    for number in range(1, 30):
        photos.upload(KEY, ONE)
        photos.tag(KEY, **before)
        changing = Changing(number)
        convert(photos, changing)
        if changing.left > 0:
            assert number > 8
            return
        assert_published(photos) if is_approved else assert_held(photos)
    raise AssertionError("the run has more calls than were tried")


def test_every_fault_at_every_call_is_made_up_for(emulator, photos):
    injector = Injector(emulator)
    photos.upload(KEY, ONE)
    for tags, check in (({"review": "approved"}, assert_published), ({}, assert_held)):
        for fault in ("crash after", "throttle"):
            for number in range(40):
                photos.tag(KEY, **({} if tags else {"review": "approved"}))
                convert(photos, timeout=0)
                photos.tag(KEY, **tags)
                injector.arm(number, fault)
                convert(photos, injector.clients.s3)
                if number >= len(injector.calls):
                    break
                convert(photos, received=2, timeout=0)
                check(photos)
            assert 8 < number < 39
