"""Files that users write themselves are deleted if they are beyond the limits."""

import itertools
import json
from types import SimpleNamespace
from urllib.parse import quote_plus

import pytest
from serverless_api.folder_limits.app import Settings, make

from local.emulator.process import Emulator

from ..aws import make_clients

ADA, BOB = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
_numbers = itertools.count(1)


class Folders:
    """A bucket of folders, and the function that checks its files."""

    def __init__(self, emulator: Emulator, versioned: bool) -> None:
        self.bucket, self.versioned = f"folders-{next(_numbers)}", versioned
        self.s3 = make_clients(emulator, "s3").s3
        self.s3.create_bucket(Bucket=self.bucket)
        if versioned:
            self.s3.put_bucket_versioning(
                Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"}
            )

    def write(self, name="a.txt", size=10, kind="text/plain", sub=ADA):
        """Write a file. Return its notification."""
        key, body = f"users/{sub}/{name}", bytes([next(_numbers) % 256]) * size
        made = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=kind)
        item = {"key": quote_plus(key), "size": size, "eTag": made["ETag"].strip('"')}
        if self.versioned:
            item["versionId"] = made["VersionId"]
        return {"s3": {"bucket": {"name": self.bucket}, "object": item}}

    def check(self, *notifications):
        """Invoke the function with one message for each notification. Return the failed ones."""
        settings = Settings(
            files_bucket=self.bucket,
            max_file_bytes=100,
            max_folder_bytes=250,
            max_files=5,
            allowed_media_types="text/plain,image/png",
        )
        records = [
            {"messageId": str(number), "body": json.dumps({"Records": [each]})}
            for number, each in enumerate(notifications)
        ]
        answer = make(settings, SimpleNamespace(s3=self.s3))({"Records": records})
        return answer["batchItemFailures"]

    def stored(self):
        """Return the current keys and sizes, without the folder of Ada."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {each["Key"].replace(f"users/{ADA}/", ""): each["Size"] for each in listed}

    def versions(self):
        return len(self.s3.list_object_versions(Bucket=self.bucket).get("Versions", []))


@pytest.fixture(params=[True, False], ids=["versioned", "plain"])
def folders(emulator: Emulator, request) -> Folders:
    return Folders(emulator, request.param)


def test_files_within_the_limits_stay(folders, caplog):
    written = [
        folders.write(),
        folders.write("b.png", 100, "image/png"),
        folders.write("c d+\u00e9.txt", kind="Text/Plain; charset=utf-8"),
        folders.write("empty.txt", 0),
    ]
    assert folders.check(*written) == []
    assert len(folders.stored()) == 4 and "file deleted" not in caplog.messages


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ({"size": 101}, "size"),
        ({"kind": "text/html"}, "type"),
        ({"kind": "text/plainx"}, "type"),
        ({"name": "nested/a.txt"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "%2Fa.txt"}, "name"),
        ({"sub": "not a sub"}, "name"),
    ],
)
def test_a_file_beyond_a_limit_is_deleted_for_good(folders, caplog, file, code):
    kept = folders.write("kept.txt")
    assert folders.check(kept, folders.write(**file)) == []
    assert folders.stored() == {"kept.txt": 10} and folders.versions() == 1
    (deleted,) = [each for each in caplog.records if each.message == "file deleted"]
    assert deleted.code == code


def test_a_full_folder_takes_no_more(folders):
    for number in range(2):
        assert folders.check(folders.write(f"{number}.txt", 100)) == []
    assert folders.check(folders.write("2.txt", 51)) == []
    assert folders.check(folders.write("3.txt", 50)) == []
    assert folders.stored() == {"0.txt": 100, "1.txt": 100, "3.txt": 50}
    assert folders.check(folders.write("of-bob.txt", 100, sub=BOB)) == []
    assert f"users/{BOB}/of-bob.txt" in folders.stored(), "each user has an own limit"


def test_many_files_are_too_many(folders):
    for number in range(7):
        assert folders.check(folders.write(f"{number}.txt", 0)) == []
    assert len(folders.stored()) == 5


def test_a_file_that_is_replaced_in_the_meantime_is_checked_by_its_own_notification(folders):
    before = folders.write("a.txt", 101)
    after = folders.write("a.txt", 10)
    assert folders.check(before) == []
    assert folders.stored() == {"a.txt": 10} and folders.versions() == 1
    assert folders.check(after) == []
    assert folders.stored() == {"a.txt": 10}


def test_repeated_and_late_messages_are_harmless(folders):
    written, kept = folders.write("a.txt", 101), folders.write("b.txt")
    for _ in range(2):
        assert folders.check(written, kept) == []
    assert folders.stored() == {"b.txt": 10}


def test_a_bad_file_over_a_good_one_brings_the_good_one_back(emulator):
    folders = Folders(emulator, versioned=True)
    folders.check(folders.write("a.txt", 10))
    folders.check(folders.write("a.txt", 101))
    assert folders.stored() == {"a.txt": 10}


def test_earlier_versions_count_as_they_are_stored(emulator):
    folders = Folders(emulator, versioned=True)
    for _ in range(4):
        assert folders.check(folders.write("a.txt", 90)) == []
    assert folders.versions() == 2


def test_other_messages_change_nothing_and_bad_ones_are_retried(folders):
    foreign = folders.write("a.txt", 101)
    foreign["s3"]["bucket"]["name"] = "another"
    elsewhere = folders.write()
    elsewhere["s3"]["object"]["key"] = "other/a.txt"
    assert folders.check(foreign, elsewhere) == []
    assert len(folders.stored()) == 1
    assert folders.check({"s3": None}) == [{"itemIdentifier": "0"}]
