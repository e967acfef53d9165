"""Files beyond the limits of a folder are deleted by the function that S3 notifies."""

import os
from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.projects import copy_program


@pytest.fixture
def cloud(tmp_path) -> Iterator[Cloud]:
    here, folder = os.getcwd(), copy_program("folders", tmp_path)
    os.chdir(folder)
    with Cloud(program=folder) as made:
        yield made
    os.chdir(here)


def test_files_beyond_the_limits_are_deleted(cloud: Cloud):
    """By a role with least privilege, in a bucket that keeps versions."""
    s3, bucket = cloud.client("s3"), cloud.outputs["bucket"]

    def write(name: str, size: int, kind: str) -> None:
        s3.put_object(Bucket=bucket, Key=f"users/ada/{name}", Body=b"x" * size, ContentType=kind)

    def names() -> set[str]:
        listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"].removeprefix("users/ada/") for each in listed}

    def checked() -> bool:
        """Whether all notifications are handled: S3 sends them with each write here."""
        sqs, waiting = cloud.client("sqs"), 0
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        for url in sqs.list_queues()["QueueUrls"]:
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)
            waiting += sum(map(int, found["Attributes"].values()))
        return waiting == 0

    # One after the other: a check counts all files that are there, also those that go next.
    for name, size, kind in (
        ("page.html", 10, "text/html"),
        ("large.txt", 101, "text/plain"),
        ("nested/a.txt", 10, "text/plain"),
    ):
        write(name, size, kind)
        until(lambda: names() == set(), 60)
    write("kept.txt", 100, "text/plain")
    until(checked, 60)
    write("too-much.txt", 51, "text/plain")
    until(lambda: names() == {"kept.txt"}, 60)
    write("fits.txt", 50, "text/plain")
    until(checked, 60)
    versions = s3.list_object_versions(Bucket=bucket)
    keys = {each["Key"] for each in versions["Versions"]}
    assert keys == {"users/ada/kept.txt", "users/ada/fits.txt"}
    assert "DeleteMarkers" not in versions
