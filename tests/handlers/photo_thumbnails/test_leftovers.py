"""Nothing of a deleted or replaced photo stays, whatever crashes, fails or runs at the same time.

The functions here have one thumbnail, so that the order of their calls is fixed.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from photo_names import ATTEMPTS, FAILURES, GALLERY, MARKS, Entry, photo_id

from ..outbox_pipeline.harness.injector import FAULTS, Crash, Injector
from .pictures import file, scene
from .world import PhotoWorld

KEY = "uploads/a"
ONE, TWO, BAD = file(scene(40, 30), "PNG"), file(scene(50, 20), "PNG"), b"nonsense"
SIDES = {ONE: (40, 30), TWO: (50, 20)}
SMALL: dict[str, Any] = {"sizes": "16", "formats": "webp"}
LATER = {"timeout": 0}
"""A message is received again after the visibility timeout, so that no earlier run is at work."""


def change(photos: PhotoWorld, content: bytes | None) -> None:
    """Store an upload, or delete it."""
    if content is None:
        photos.delete(KEY)
    else:
        photos.upload(KEY, content)


def run(photos: PhotoWorld, s3: Any = None, received: int = 1, **settings: Any) -> list[str] | None:
    """Handle a message. Return the failed ones, or None if the function crashed."""
    function = photos.function(s3, **SMALL, **settings)
    try:
        return photos.notify(KEY, received=received, function=function)
    except Crash:
        return None


def assert_settled(photos: PhotoWorld, content: bytes | None) -> None:
    """Assert that exactly the objects of an upload are stored."""
    photo = photo_id(KEY)
    stored = [key for key in photos.stored() if not key.startswith(MARKS)]
    if content is None:
        assert stored == []
        return
    state = photos.state(KEY)
    expected = {f"photos/{photo}.json"}
    if content == BAD:
        assert state["code"] == "NotAPicture"
        expected |= {f"{FAILURES}{photo}.json"}
    else:
        entry = photos.entry(KEY)
        assert (entry.width, entry.height) == SIDES[content]
        expected |= {GALLERY + entry.name, "img/" + entry.path(16, "webp")}
        assert [each.rsplit("/", 1)[1] for each in photos.stored(MARKS)].count(entry.name) >= 1
    assert set(stored) - {f"{ATTEMPTS}{photo}.json"} == expected


class Steps:
    """An S3 client that counts its calls, and does something before some of them."""

    def __init__(self, photos: PhotoWorld, **before: Callable[[], None]) -> None:
        self._client = photos.s3
        self._before = {int(name[1:]): action for name, action in before.items()}
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        def call(**wanted: Any) -> Any:
            self.calls += 1
            self._before.get(self.calls, lambda: None)()
            return getattr(self._client, name)(**wanted)

        return call


def crash() -> None:
    raise Crash


# The four ways that were found


def test_a_delete_that_fails_is_made_up_for(photos):
    change(photos, ONE)
    run(photos)
    change(photos, TWO)

    class NoDeletes:
        def __getattr__(self, name):
            return getattr(photos.s3, name)

        def delete_object(self, **wanted):
            raise photos.s3.exceptions.ClientError({"Error": {"Code": "503"}}, "DeleteObject")

    assert run(photos, NoDeletes()) == ["m"]
    assert run(photos, received=2, **LATER) == []
    assert_settled(photos, TWO)


def test_a_run_that_dies_between_gallery_and_state_before_a_deletion(photos):
    change(photos, ONE)
    puts = []

    class NoState:
        def __getattr__(self, name):
            return getattr(photos.s3, name)

        def put_object(self, **wanted):
            puts.append(wanted["Key"].split("/")[0])
            if puts[-1] == "photos":
                raise Crash
            return photos.s3.put_object(**wanted)

    assert run(photos, NoState()) is None
    assert "gallery" in puts
    change(photos, None)
    assert run(photos) == []
    assert_settled(photos, None)


def test_two_runs_on_two_versions(photos):
    change(photos, ONE)
    for call in range(1, 20):

        def overtake() -> None:
            change(photos, TWO)
            assert run(photos) == []

        steps = Steps(photos, **{f"_{call}": overtake})
        assert run(photos, steps) == []
        assert_settled(photos, TWO if call <= steps.calls else ONE)
        if call > steps.calls:
            return
        change(photos, ONE)
        assert run(photos) == []
    raise AssertionError("the run has more calls than were tried")


def test_a_deletion_during_the_conversion(photos):
    for call in range(1, 20):
        change(photos, ONE)

        def overtake() -> None:
            change(photos, None)
            assert run(photos) == []

        steps = Steps(photos, **{f"_{call}": overtake})
        assert run(photos, steps) == []
        assert_settled(photos, None if call <= steps.calls else ONE)
        if call > steps.calls:
            return
    raise AssertionError("the run has more calls than were tried")


# Every fault at every call

CHANGES = {
    "first": (None, ONE),
    "replaced": (ONE, TWO),
    "replaced by a bad one": (ONE, BAD),
    "replaced a bad one": (BAD, TWO),
    "deleted": (ONE, None),
    "bad deleted": (BAD, None),
    "unchanged": (ONE, ONE),
}


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES.keys())
def test_every_fault_at_every_call_is_made_up_for(emulator, photos, before, after):
    injector = Injector(emulator)
    for fault in FAULTS:
        number = 0
        while True:
            change(photos, before)
            run(photos, **LATER)
            assert_settled(photos, before)
            change(photos, after)
            injector.arm(number, fault)
            answer = run(photos, injector.clients.s3)
            if number >= len(injector.calls):
                assert answer == []
                break
            assert answer in (None, ["m"])
            assert run(photos, received=2, **LATER) == []
            assert_settled(photos, after)
            number += 1
        assert number >= 5


@pytest.mark.parametrize("then", [TWO, None], ids=["replaced", "deleted"])
def test_a_run_that_is_overtaken_and_crashes_is_made_up_for(photos, then):
    """At every call of a run another run settles another version, and the first crashes later."""
    tried = 0
    for overtaken in range(1, 40):
        soon = range(overtaken, overtaken + 3)
        for crashing in (*soon, *range(overtaken + 3, 60, 5)):
            change(photos, None)
            run(photos, **LATER)
            change(photos, ONE)

            def overtake(end=crashing == overtaken) -> None:
                change(photos, then)
                assert run(photos) == []
                if end:
                    crash()

            actions = {f"_{crashing}": crash, f"_{overtaken}": overtake}
            steps = Steps(photos, **actions)
            ended = run(photos, steps)
            if steps.calls < overtaken:
                assert tried > 50
                return
            if ended is None:
                assert run(photos, received=2, **LATER) == []
            assert_settled(photos, then)
            tried += 1
            if ended is not None:
                break
    raise AssertionError("the run has more calls than were tried")


def test_marks_end_with_their_photo(photos):
    for content in (ONE, TWO, ONE):
        change(photos, content)
        assert run(photos) == []
    assert len(photos.stored(MARKS)) == 1
    change(photos, None)
    assert run(photos) == []
    assert photos.stored() == []


def test_entries_of_photos_from_before_there_were_marks_are_deleted(photos):
    for then in (TWO, BAD, None):
        change(photos, ONE)
        run(photos, **LATER)
        for mark in photos.stored(MARKS):
            photos.s3.delete_object(Bucket=photos.images, Key=mark)
        change(photos, then)
        assert run(photos) == []
        assert_settled(photos, then)


def test_a_missing_thumbnail_is_made_again(photos):
    change(photos, ONE)
    run(photos)
    for prefix in ("img/", GALLERY, MARKS):
        (key,) = photos.stored(prefix)
        photos.s3.delete_object(Bucket=photos.images, Key=key)
        assert run(photos) == []
        assert_settled(photos, ONE)


def test_a_photo_with_more_objects_than_a_page_of_the_list(photos):
    change(photos, ONE)
    run(photos)
    entry = photos.entry(KEY)
    for number in range(1001):
        photos.s3.put_object(
            Bucket=photos.images, Key=f"img/{entry.photo}/{number:016x}/16.webp", Body=b"x"
        )
    assert run(photos) == []
    assert_settled(photos, ONE)


@pytest.mark.parametrize("kind", ["Delete", "DeleteMarkerCreated"])
def test_expiry_by_a_lifecycle_rule_is_a_deletion(photos, kind):
    """The message as S3 sends it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configure-notification.html
    """
    change(photos, ONE)
    run(photos)
    change(photos, None)
    record = {
        "eventVersion": "2.3",
        "eventSource": "aws:s3",
        "eventName": f"LifecycleExpiration:{kind}",
        "s3": {"bucket": {"name": photos.uploads}, "object": {"key": KEY, "sequencer": "0"}},
    }
    assert photos.notify(body=json.dumps({"Records": [record]})) == []
    assert photos.stored() == []


def test_other_photos_are_left_alone(photos):
    photos.convert("uploads/b", TWO)
    before = photos.stored()
    change(photos, ONE)
    run(photos)
    change(photos, None)
    run(photos)
    assert photos.stored() == before
    assert Entry.parse(before[0].removeprefix(GALLERY))
