"""The todo system on the emulator, as its clients use it: curl, boto3 and SRP."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.cloud import Cloud
from local.people import Place
from tests.emulator.cloud import zipped
from tests.emulator.gateway import Answer, call
from tests.orders import ORDER
from tests.platform.people import Person

JSON = {"content_type": "application/json"}
WRITER = """
import boto3
def handler(event, context):
    client = boto3.client("dynamodb")
    item = {"userId": {"S": "u"}, "todoId": {"S": "t"}}
    calls = {
        "get_item": {"Key": item},
        "put_item": {"Item": item},
        "update_item": {"Key": item},
        "delete_item": {"Key": item},
    }
    answers = {}
    for name, arguments in calls.items():
        try:
            getattr(client, name)(TableName=event["table"], **arguments)
            answers[name] = ""
        except client.exceptions.ClientError as error:
            answers[name] = error.response["Error"]["Code"]
    return answers
"""


@pytest.fixture(scope="module")
def place(cloud: Cloud) -> Place:
    return Place.of(cloud.endpoint, cloud.outputs["todo"], cloud.mails)


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
    """Return all items of a list, page by page."""
    items, next_ = [], ""
    while True:
        answer = person.call(f"/todos?{query}{next_}")
        assert answer.status == 200, answer.text
        items += answer.json["items"]
        if "next" not in answer.json:
            return items
        next_ = f"&next={answer.json['next']}"


def test_only_health_is_public(place: Place):
    assert call(f"{place.url}/health").status == 200
    for path in ("/todos", f"/todos/{uuid.uuid4()}", "/files", "/files/a.txt"):
        assert call(place.url + path).status == 401, path
        assert call(place.url + path, authorization="Bearer forged").status == 401, path


def test_the_lifecycle_of_a_todo(ann: Person):
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


def test_lists_have_pages_and_open_todos_are_sorted_by_due_date(ann: Person):
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
def test_the_gateway_rejects_invalid_bodies_before_a_function_runs(
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
            assert (
                person.call(f"/todos/{todo_id}", "DELETE").status == 204
            )  # of another user: no effect
        assert other & {each["todoId"] for each in pages(ann if other is anns else bob, "")}
    token = ann.call("/todos?limit=1").json["next"]
    assert bob.call(f"/todos?limit=1&next={token}").status == 400


def test_answers_are_not_shared_between_users(ann: Person, bob: Person):
    """ETags give no access to answers of others, and shared caches must not store answers."""
    made = add(ann).json
    for path in ("/todos", "/files", f"/todos/{made['todoId']}"):
        etag = ann.call(path).headers["etag"]
        again = ann.call(path, if_none_match=etag)
        assert (again.status, again.headers["cache-control"]) == (304, "private, no-cache")
        other = bob.call(path, if_none_match=etag)
        assert other.status == (404 if made["todoId"] in path else 200)
        assert other.headers.get("etag") != etag


def test_the_reading_function_cannot_write(cloud: Cloud):
    """Other code with the same role shows what the role allows."""
    table = cloud.outputs["todo"]["todosTable"]
    client = cloud.client("lambda")
    client.create_function(
        FunctionName="writing-as-the-reader",
        Runtime="python3.13",
        Role=cloud.find("aws:iam/role:Role", "todo-api-function-todos-read-role").outputs["arn"],
        Handler="app.handler",
        Code={"ZipFile": zipped(app=WRITER)},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="writing-as-the-reader")
    payload = json.dumps({"table": table})
    answer = client.invoke(FunctionName="writing-as-the-reader", Payload=payload)
    tried = json.load(answer["Payload"])
    denied = {"put_item", "update_item", "delete_item"}
    assert tried == {"get_item": "", **dict.fromkeys(denied, "AccessDeniedException")}


def test_the_page_serves_the_api_and_its_configuration(cloud: Cloud):
    site = cloud.outputs["todo"]["siteUrl"]
    config = call(f"{site}/config.json")
    assert config.headers["cache-control"] == "no-cache"
    assert config.json["siteUrl"] == site and config.json["apiUrl"] == f"{site}/api"
    assert call(f"{site}/api/health").status == 200
    assert call(f"{site}/api/todos").status == 401
    policy = call(site).headers["content-security-policy"]
    assert config.json["loginUrl"] in policy.partition("connect-src")[2]


def test_the_orders_api_requires_a_key_and_ships(cloud: Cloud):
    url = cloud.outputs["orders"]["apiUrl"]
    keys = cloud.client("apigateway").get_api_keys(includeValues=True)["items"]
    key = {"x_api_key": keys[0]["value"]}
    sent = {"idempotency_key": "over-http", **JSON}
    assert call(f"{url}/orders", "POST", json.dumps(ORDER), **sent).status == 403
    placed = call(f"{url}/orders", "POST", json.dumps(ORDER), **sent, **key)
    assert placed.status == 201, placed.text
    order_id = placed.json["orderId"]
    assert call(f"{url}/orders", "POST", json.dumps(ORDER), **sent, **key).json == placed.json
    assert call(f"{url}/orders/{order_id}", **key).json["total"] == 2500
    sent["idempotency_key"] = "another"
    bad = json.dumps({**ORDER, "items": []})
    assert call(f"{url}/orders", "POST", bad, **sent, **key).status == 400
    dynamodb, deadline = cloud.client("dynamodb"), time.monotonic() + 20
    table = cloud.outputs["orders"]["shipmentsTable"]
    while "Item" not in dynamodb.get_item(TableName=table, Key={"orderId": {"S": order_id}}):
        assert time.monotonic() < deadline, "not shipped"
        time.sleep(0.1)
