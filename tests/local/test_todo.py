"""The todo system on the embedded cloud, as its clients use it: curl, boto3 and SRP."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.exceptions import ClientError

from local.cloud import Cloud
from local.people import Place
from tests.local.emulator.gateway import Answer, call
from tests.local.people import Person

JSON = {"content_type": "application/json"}


@pytest.fixture(scope="module")
def place(cloud: Cloud) -> Place:
    return Place.of(cloud.endpoint, cloud.outputs["todo"])


@pytest.fixture(scope="module")
def ann(cloud: Cloud, place: Place) -> Person:
    return Person(cloud, place, "ann@example.com")


@pytest.fixture(scope="module")
def bob(cloud: Cloud, place: Place) -> Person:
    return Person(cloud, place, "bob@example.com")


def add(person: Person, key: str | None = None, **todo: Any) -> Answer:
    body = json.dumps({"title": "milk", **todo})
    return person.call("/todos", "POST", body, idempotency_key=key or str(uuid.uuid4()), **JSON)


def pages(person: Person, query: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items, next_ = [], ""
    while True:
        answer = person.call(f"/todos?{query}{next_}")
        assert answer.status == 200, answer.text
        items += answer.json["items"]
        if "next" not in answer.json:
            return items
        next_ = f"&next={answer.json['next']}"


def test_health_is_public_and_nothing_else(place: Place):
    assert call(f"{place.url}/health").status == 200
    for path in ("/todos", f"/todos/{uuid.uuid4()}", "/files", "/files/a.txt"):
        assert call(place.url + path).status == 401, path
        assert call(place.url + path, authorization="Bearer forged").status == 401, path


def test_a_todo_from_its_making_to_its_end(ann: Person):
    made = add(ann, "a-key", title="bread", dueAt="2026-12-24T18:00:00.000Z")
    assert made.status == 201, made.text
    todo = made.json
    assert add(ann, "a-key", title="bread", dueAt="2026-12-24T18:00:00.000Z").json == todo
    assert add(ann, "a-key", title="butter").status == 409

    read = ann.call(f"/todos/{todo['todoId']}")
    assert read.json == todo
    again = ann.call(f"/todos/{todo['todoId']}", if_none_match=read.headers["etag"])
    assert (again.status, again.text) == (304, "")

    change = {"title": "brown bread", "done": True, "version": todo["version"]}
    changed = ann.call(f"/todos/{todo['todoId']}", "PUT", json.dumps(change), **JSON)
    assert changed.status == 200 and changed.json["done"] is True, changed.text
    assert ann.call(f"/todos/{todo['todoId']}", "PUT", json.dumps(change), **JSON).status == 409

    assert ann.call(f"/todos/{todo['todoId']}", "DELETE").status == 204
    assert ann.call(f"/todos/{todo['todoId']}").status == 404


def test_lists_come_in_pages_and_open_ones_by_due_date(ann: Person):
    for day in (3, 1, 2):
        assert add(ann, title=f"day {day}", dueAt=f"2027-01-0{day}T00:00:00.000Z").status == 201
    for number in range(3):
        assert add(ann, title=f"some day {number}").status == 201
    assert len(pages(ann, "limit=2")) == len(pages(ann, "limit=100")) >= 6
    due = [each["dueAt"] for each in pages(ann, "open=true&limit=1")]
    assert len(due) == 3 and due == sorted(due)


@pytest.mark.parametrize(
    "body",
    ["{}", '{"title": 1}', '{"title": ""}', '{"title": "x", "colour": "red"}', "[]", "nonsense"],
)
def test_bad_bodies_are_refused_by_the_gateway_before_a_function_runs(
    ann: Person, cloud: Cloud, body: str
):
    before = cloud.emulator.function_logs.stat().st_size
    answer = ann.call("/todos", "POST", body, idempotency_key="bad", **JSON)
    assert answer.status == 400 and answer.json["error"] == "BadRequest", answer.text
    assert cloud.emulator.function_logs.stat().st_size == before


def test_two_users_at_once_never_see_each_others_todos(ann: Person, bob: Person):
    def fill(person: Person) -> set[str]:
        return {add(person, title=f"of {person.sub}").json["todoId"] for _ in range(15)}

    with ThreadPoolExecutor(2) as pool:
        anns, bobs = pool.map(fill, (ann, bob))
    for person, own, other in ((ann, anns, bobs), (bob, bobs, anns)):
        listed = {each["todoId"] for each in pages(person, "limit=7")}
        assert own <= listed and not other & listed
        for todo_id in list(other)[:3]:
            assert person.call(f"/todos/{todo_id}").status == 404
            assert person.call(f"/todos/{todo_id}", "DELETE").status == 204  # of no one: nothing
        assert other & {each["todoId"] for each in pages(ann if other is anns else bob, "")}
    token = ann.call("/todos?limit=1").json["next"]
    assert bob.call(f"/todos?limit=1&next={token}").status == 400


def form(url: str, fields: dict[str, str], data: str) -> Answer:
    """What a browser sends when a form with a file is submitted."""
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


def test_files_by_presigned_urls(ann: Person, bob: Person):
    post = presigned(ann, "letter.txt", 8)
    sent = form(post["url"], post["fields"], "dear bob")
    assert sent.status in (200, 201, 204), sent.text
    assert "letter.txt" in [each["name"] for each in ann.call("/files").json["items"]]
    link = ann.call("/files/letter.txt")
    url = link.json["url"]
    assert call(url).text == "dear bob"
    assert call(url.replace(ann.sub, bob.sub)).status == 403
    assert bob.call("/files").json["items"] == []
    assert bob.call("/files/letter.txt").status == 404
    assert ann.call("/files/letter.txt", "DELETE").status == 204
    assert ann.call("/files").json["items"] == []


def test_what_a_presigned_post_does_not_allow_is_refused(ann: Person):
    post = presigned(ann, "small.txt", 3)
    elsewhere = {**post["fields"], "key": "users/else/small.txt"}
    assert form(post["url"], post["fields"], "x" * 5000).status in (400, 403)
    assert form(post["url"], elsewhere, "abc").status == 403


def test_the_own_folder_by_temporary_credentials(cloud: Cloud, ann: Person, bob: Person):
    """One path for the API, presigned URLs and direct access, keyed by the user pool's `sub`."""
    bucket = cloud.outputs["todo"]["filesBucket"]
    s3 = ann.client("s3")
    own = f"users/{ann.sub}/direct.txt"
    s3.put_object(Bucket=bucket, Key=own, Body=b"by myself")
    assert s3.get_object(Bucket=bucket, Key=own)["Body"].read() == b"by myself"
    assert "direct.txt" in [each["name"] for each in ann.call("/files").json["items"]]
    assert s3.list_objects_v2(Bucket=bucket, Prefix=f"users/{ann.sub}/")["KeyCount"] == 1

    other = f"users/{bob.sub}/direct.txt"
    bob.client("s3").put_object(Bucket=bucket, Key=other, Body=b"of bob")
    tries = [
        lambda: s3.get_object(Bucket=bucket, Key=other),
        lambda: s3.put_object(Bucket=bucket, Key=other, Body=b"x"),
        lambda: s3.delete_object(Bucket=bucket, Key=other),
        lambda: s3.get_object(Bucket=bucket, Key=f"users/{ann.sub}/../{bob.sub}/direct.txt"),
        lambda: s3.put_object(Bucket=bucket, Key="users/direct.txt", Body=b"x"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"users/{bob.sub}/"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="users/"),
        lambda: s3.list_objects_v2(Bucket=bucket),
    ]
    for number, attempt in enumerate(tries):
        with pytest.raises(ClientError) as refused:
            attempt()
        status = refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
        # S3 takes `..` for a name like any other: a key in the own folder, where nothing is.
        assert status == (404 if number == 3 else 403), f"attempt {number}: {refused.value}"
    s3.delete_object(Bucket=bucket, Key=own)


def test_nobody_without_credentials_reaches_a_folder(cloud: Cloud, ann: Person):
    bucket = cloud.outputs["todo"]["filesBucket"]
    for path in (f"users/{ann.sub}/direct.txt", f"users%2F{quote(ann.sub)}%2Fdirect.txt", ""):
        origin = urlsplit(cloud.endpoint)
        assert call(f"http://{origin.netloc}/{bucket}/{path}").status == 403, path


def test_pages_of_the_site_may_call_the_api(place: Place, cloud: Cloud):
    site = cloud.outputs["todo"]["siteUrl"]
    preflight = call(f"{place.url}/todos", "OPTIONS", origin=site)
    assert preflight.headers["access-control-allow-origin"] == site
    assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
    refused = call(f"{place.url}/todos", origin=site)
    assert refused.status == 401
    assert refused.headers["access-control-allow-origin"] == site


def test_the_orders_api_wants_a_key_and_ships(cloud: Cloud):
    url = cloud.outputs["orders"]["apiUrl"]
    keys = cloud.client("apigateway").get_api_keys(includeValues=True)["items"]
    key = {"x_api_key": keys[0]["value"]}
    order = {
        "customerId": "ada",
        "currency": "EUR",
        "items": [{"sku": "book", "quantity": 2, "unitPrice": 1250}],
        "shippingAddress": {
            "name": "Ada",
            "street": "1 Main Street",
            "city": "Paris",
            "postalCode": "75001",
            "country": "FR",
        },
    }
    sent = {"idempotency_key": "over-http", **JSON}
    assert call(f"{url}/orders", "POST", json.dumps(order), **sent).status == 403
    placed = call(f"{url}/orders", "POST", json.dumps(order), **sent, **key)
    assert placed.status == 201, placed.text
    order_id = placed.json["orderId"]
    assert call(f"{url}/orders", "POST", json.dumps(order), **sent, **key).json == placed.json
    assert call(f"{url}/orders/{order_id}", **key).json["total"] == 2500
    sent["idempotency_key"] = "another"
    bad = json.dumps({**order, "items": []})
    assert call(f"{url}/orders", "POST", bad, **sent, **key).status == 400
    dynamodb, deadline = cloud.client("dynamodb"), time.monotonic() + 20
    table = cloud.outputs["orders"]["shipmentsTable"]
    while "Item" not in dynamodb.get_item(TableName=table, Key={"orderId": {"S": order_id}}):
        assert time.monotonic() < deadline, "not shipped"
        time.sleep(0.1)
