"""The users' folders on the emulator: by the API, by presigned URL, and by credentials."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.exceptions import ClientError

from local.cloud import Cloud
from local.people import Place
from tests.emulator.gateway import Answer, call
from tests.platform.people import Person

JSON = {"content_type": "application/json"}


@pytest.fixture(scope="module")
def place(cloud: Cloud) -> Place:
    return Place.of(cloud.endpoint, cloud.outputs["todo"], cloud.mails)


@pytest.fixture(scope="module")
def ann(cloud: Cloud, place: Place) -> Person:
    return Person(cloud, place, "ann-files@example.com")


@pytest.fixture(scope="module")
def bob(cloud: Cloud, place: Place) -> Person:
    return Person(cloud, place, "bob-files@example.com")


def form(url: str, fields: dict[str, str], data: str) -> Answer:
    """Return the request of a browser that submits a form with a file."""
    rows = [*fields.items(), ('file"; filename="f', data)]
    lines = [
        f'--end\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in rows
    ]
    body = "".join(lines) + "--end--\r\n"
    return call(url, "POST", body, content_type="multipart/form-data; boundary=end")


def presigned(person: Person, name: str, size: int) -> dict[str, Any]:
    wanted = json.dumps({"name": name, "contentType": "text/plain", "size": size})
    answer = person.call("/files", "POST", wanted, **JSON)
    assert answer.status in (200, 201), answer.text
    return answer.json


def listed(person: Person) -> list[str]:
    return [each["name"] for each in person.call("/files").json["items"]]


def test_two_users_at_once_never_see_each_others_files(ann: Person, bob: Person):
    """Both users have the same file names, so that a mix-up shows the content of the other."""
    names = [f"{number}.txt" for number in range(8)]

    def fill(person: Person) -> list[str]:
        for name in names:
            post = presigned(person, name, len(person.sub))
            assert form(post["url"], post["fields"], person.sub).status < 300
        return [call(person.call(f"/files/{name}").json["url"]).text for name in names]

    with ThreadPoolExecutor(2) as pool:
        anns, bobs = pool.map(fill, (ann, bob))
    assert set(anns) == {ann.sub} and set(bobs) == {bob.sub}
    for name in names:
        assert ann.call(f"/files/{name}", "DELETE").status == 204
    assert not set(names) & set(listed(ann)) and set(names) <= set(listed(bob))


@pytest.mark.parametrize(
    "name",
    [
        "{bob}/x.txt",
        "../{bob}/x.txt",
        "..",
        ".",
        "/x.txt",
        "users/{bob}/x.txt",
        "..%2F{bob}%2Fx",
    ],
)
def test_no_name_escapes_the_users_folder(ann: Person, bob: Person, cloud: Cloud, name: str):
    bucket, s3 = cloud.outputs["todo"]["filesBucket"], cloud.client("s3")
    target = f"users/{bob.sub}/x.txt"
    s3.put_object(Bucket=bucket, Key=target, Body=b"of bob")
    name = name.format(bob=bob.sub)
    wanted = json.dumps({"name": name, "contentType": "text/plain", "size": 1})
    assert ann.call("/files", "POST", wanted, **JSON).status == 400
    for encoded in (quote(name, ""), quote(quote(name, ""), "")):
        for method in ("GET", "DELETE"):
            answer = ann.call(f"/files/{encoded}", method)
            assert (answer.status, answer.json["field"]) == (400, "name")
    assert s3.get_object(Bucket=bucket, Key=target)["Body"].read() == b"of bob"


def test_a_name_must_not_be_empty(ann: Person):
    wanted = json.dumps({"name": "", "contentType": "text/plain", "size": 1})
    assert ann.call("/files", "POST", wanted, **JSON).status == 400
    assert ann.call("/files/", "DELETE").status == 403  # no such operation


def test_files_by_presigned_urls(ann: Person, bob: Person):
    post = presigned(ann, "letter.txt", 8)
    sent = form(post["url"], post["fields"], "dear bob")
    assert sent.status in (200, 201, 204), sent.text
    assert "letter.txt" in listed(ann)
    link = ann.call("/files/letter.txt")
    url = link.json["url"]
    assert call(url).text == "dear bob"
    assert call(url.replace(ann.sub, bob.sub)).status == 403
    assert "letter.txt" not in listed(bob)
    assert bob.call("/files/letter.txt").status == 404
    assert ann.call("/files/letter.txt", "DELETE").status == 204
    assert "letter.txt" not in listed(ann)


def test_uploads_that_a_presigned_post_does_not_allow_are_refused(ann: Person):
    post = presigned(ann, "small.txt", 3)
    elsewhere = {**post["fields"], "key": "users/else/small.txt"}
    assert form(post["url"], post["fields"], "x" * 5000).status in (400, 403)
    assert form(post["url"], elsewhere, "abc").status == 403


def test_the_users_own_folder_by_temporary_credentials(cloud: Cloud, ann: Person, bob: Person):
    """The API, presigned URLs and direct access use one path, with the `sub` of the user pool."""
    bucket = cloud.outputs["todo"]["filesBucket"]
    s3 = ann.client("s3")
    own = f"users/{ann.sub}/direct.txt"
    owner = cloud.client("s3")
    owner.put_object(Bucket=bucket, Key=own, Body=b"by myself")
    assert s3.get_object(Bucket=bucket, Key=own)["Body"].read() == b"by myself"
    assert "direct.txt" in listed(ann)
    assert s3.list_objects_v2(Bucket=bucket, Prefix=f"users/{ann.sub}/")["KeyCount"] >= 1

    other = f"users/{bob.sub}/direct.txt"
    owner.put_object(Bucket=bucket, Key=other, Body=b"of bob")
    assert bob.client("s3").get_object(Bucket=bucket, Key=other)["Body"].read() == b"of bob"
    tries = [
        lambda: s3.get_object(Bucket=bucket, Key=other),
        lambda: s3.put_object(Bucket=bucket, Key=other, Body=b"x"),
        lambda: s3.put_object(Bucket=bucket, Key=own, Body=b"x"),  # around the limits of the API
        lambda: s3.delete_object(Bucket=bucket, Key=own),
        lambda: s3.delete_object(Bucket=bucket, Key=other),
        lambda: s3.get_object(Bucket=bucket, Key=f"users/{ann.sub}/../{bob.sub}/direct.txt"),
        lambda: s3.put_object(Bucket=bucket, Key="users/direct.txt", Body=b"x"),
        lambda: s3.put_object(Bucket=bucket, Key="users//direct.txt", Body=b"x"),
        lambda: s3.put_object(Bucket=bucket, Key=f"users/{ann.sub}", Body=b"x"),
        lambda: s3.put_object(Bucket=bucket, Key=f"users/{ann.sub}x/direct.txt", Body=b"x"),
        lambda: s3.put_object(Bucket=bucket, Key=f"users%2F{ann.sub}%2Fdirect.txt", Body=b"x"),
        lambda: s3.get_object(Bucket=bucket, Key=f"users/{ann.sub}%2F..%2F{bob.sub}/direct.txt"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"users/{ann.sub}"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"users/{bob.sub}/"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="users/"),
        lambda: s3.list_objects_v2(Bucket=bucket),
    ]
    for number, attempt in enumerate(tries):
        with pytest.raises(ClientError) as refused:
            attempt()
        status = refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
        # S3 treats `..` as a name: a key in the user's own folder without an object.
        assert status == (404 if number == 5 else 403), f"attempt {number}: {refused.value}"
    owner.delete_object(Bucket=bucket, Key=own)


def test_nobody_without_credentials_reaches_a_folder(cloud: Cloud, ann: Person):
    bucket = cloud.outputs["todo"]["filesBucket"]
    for path in (f"users/{ann.sub}/direct.txt", f"users%2F{quote(ann.sub)}%2Fdirect.txt", ""):
        origin = urlsplit(cloud.endpoint)
        assert call(f"http://{origin.netloc}/{bucket}/{path}").status == 403, path
