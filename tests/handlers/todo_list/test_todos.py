"""To-dos are created once, read, listed, replaced only from a known state, and deleted."""

import json
import threading

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from ..api import Spy
from ..requests import ADA, BOB
from .todo_world import TodoWorld

DUE = "2027-01-31T17:00:00.000Z"


def test_a_new_todo_is_stored_and_read(todo):
    created = todo.create(body={"title": "Buy tea", "note": "green", "dueAt": DUE})

    assert created.status == 201
    assert created.body["version"] == 1
    assert created.body["createdAt"] == created.body["updatedAt"]
    (item,) = todo.items()
    assert item["userId"] == {"S": ADA}
    assert item["openUserId"] == {"S": ADA}
    assert "expiresAt" not in item
    assert created.headers["Location"] == f"/todos/{created.body['todoId']}"
    read = todo.read(created.body["todoId"])
    assert (read.status, read.body) == (200, created.body)
    assert read.headers["ETag"] == created.headers["ETag"]


def test_a_repeated_request_returns_the_same_todo(todo):
    body = {"title": "Buy tea", "note": "green"}
    first = todo.create(body=body)
    for again in (body, dict(reversed(body.items())), json.dumps(body, indent=4)):
        repeated = todo.create(body=again)
        assert (repeated.status, repeated.body) == (200, first.body)
    assert len(todo.items()) == 1


def test_a_repeated_request_after_a_change_returns_the_current_todo(todo):
    first = todo.create().body
    todo.update(first["todoId"], {"title": "Sold", "done": True, "version": 1})
    repeated = todo.create()
    assert (repeated.status, repeated.body["title"], repeated.body["version"]) == (200, "Sold", 2)


def test_another_todo_with_the_same_key_is_rejected(todo):
    todo.create()
    assert todo.create(body={"title": "Else"}).refused == (409, "Idempotency-Key")
    assert len(todo.items()) == 1


def test_the_key_belongs_to_the_user(todo):
    ids = {
        todo.create(key, user=user).body["todoId"]
        for user in (ADA, BOB)
        for key in ("k", "kk", 'k","k')
    }
    assert len(ids) == 6


def test_concurrent_requests_create_one_todo(todo):
    answers = in_threads([lambda: todo.create()] * 8)
    assert sorted(each.status for each in answers) == [200] * 7 + [201]
    assert len({each.body["todoId"] for each in answers}) == 1


def test_update_replaces_everything(todo):
    todo_id = todo.create(body={"title": "a", "note": "b", "dueAt": DUE}).body["todoId"]

    changed = todo.update(todo_id, {"title": "c", "done": False, "version": 1})

    assert changed.status == 200
    assert changed.body["version"] == 2
    assert "note" not in changed.body
    assert "dueAt" not in changed.body
    assert todo.read(todo_id).body == changed.body


@pytest.mark.parametrize(
    ("change", "is_open"),
    [
        ({"done": False, "dueAt": DUE}, True),
        ({"done": True, "dueAt": DUE}, False),
        ({"done": False}, False),
        ({"done": True}, False),
    ],
)
@pytest.mark.parametrize("before", [{"title": "a"}, {"title": "a", "dueAt": DUE}])
def test_the_index_has_open_todos_with_a_due_date(todo, before, change, is_open):
    todo_id = todo.create(body=before).body["todoId"]
    todo.update(todo_id, {"title": "b", "version": 1, **change})
    (item,) = todo.items()
    assert ("openUserId" in item) == is_open
    listed = todo.call("GET /todos", query={"open": "true"}).body["items"]
    assert [each["todoId"] for each in listed] == ([todo_id] if is_open else [])


def test_a_stale_version_is_a_conflict_that_names_the_current_one(todo):
    todo_id = todo.create().body["todoId"]
    todo.update(todo_id, {"title": "b", "done": False, "version": 1})

    late = todo.update(todo_id, {"title": "c", "done": False, "version": 1})

    assert late.refused == (409, "version")
    assert late.body["message"] == "is 2 now"
    assert todo.read(todo_id).body["title"] == "b"


def test_if_match(todo):
    created = todo.create()
    todo_id, etag = created.body["todoId"], created.headers["ETag"]
    change = {"title": "b", "done": False}

    changed = todo.update(todo_id, change, headers={"If-Match": etag})
    late = todo.update(todo_id, change, headers={"if-match": etag})

    assert (changed.status, changed.body["version"]) == (200, 2)
    assert late.refused == (412, "If-Match")
    assert late.body["message"] == "the version is 2 now"
    assert todo.read(todo_id, headers={"If-None-Match": changed.headers["ETag"]}).status == 304


def test_if_match_of_a_todo_that_was_deleted_and_created_again(todo):
    first = todo.create()
    todo.delete(first.body["todoId"])
    again = todo.create()
    assert again.body["todoId"] == first.body["todoId"]
    assert again.headers["ETag"] != first.headers["ETag"]
    change = {"title": "b", "done": False}
    headers = {"If-Match": first.headers["ETag"]}
    assert todo.update(again.body["todoId"], change, headers=headers).refused == (412, "If-Match")


def test_of_concurrent_changes_of_one_version_one_succeeds(todo):
    todo_id = todo.create().body["todoId"]
    for version in range(1, 6):
        tries = [
            lambda title=f"{n}", version=version: todo.update(
                todo_id, {"title": title, "done": False, "version": version}
            )
            for n in range(6)
        ]
        answers = in_threads(tries)
        assert sorted(each.status for each in answers) == [200] + [409] * 5
        (winner,) = [each for each in answers if each.status == 200]
        assert todo.read(todo_id).body == winner.body
        assert winner.body["version"] == version + 1


def test_an_update_that_the_sdk_repeats_after_a_lost_response_succeeds(todo):
    """botocore repeats a request if the connection breaks, even after it took effect."""
    todo_id = todo.create().body["todoId"]

    class Twice(Spy):
        def update_item(self, **arguments):
            self._client.update_item(**arguments)
            return self._client.update_item(**arguments)

    function = todo.todos_write(Twice(todo.dynamodb))
    change = {"title": "b", "done": True, "version": 1}
    changed = todo.update(todo_id, change, function=function)
    assert (changed.status, changed.body["version"], changed.body["title"]) == (200, 2, "b")
    assert todo.read(todo_id).body == changed.body


def test_an_unknown_todo(todo):
    nothing = "00000000-0000-0000-0000-000000000000"
    assert todo.read(nothing).refused == (404, "todoId")
    change = {"title": "b", "done": True, "version": 1}
    assert todo.update(nothing, change).refused == (404, "todoId")
    assert todo.items() == []


def test_only_the_state_in_if_match_is_deleted(todo):
    first = todo.create()
    todo_id, seen = first.body["todoId"], {"If-Match": first.headers["ETag"]}
    changed = todo.update(todo_id, {"title": "b", "done": False}, headers=seen)
    refused = todo.delete(todo_id, headers=seen)
    assert refused.refused == (412, "If-Match")
    assert refused.body["message"] == "the version is 2 now"
    now = {"If-Match": changed.headers["ETag"]}
    assert [todo.delete(todo_id, headers=now).status for _ in range(2)] == [204, 204]
    assert todo.items() == []


@pytest.mark.parametrize("value", ["", "1", '"1"', '"0-1"', 'W/"1-1"', "*"])
def test_if_match_of_a_deletion_must_be_an_etag(todo, value):
    todo_id = todo.create().body["todoId"]
    assert todo.delete(todo_id, headers={"If-Match": value}).refused == (400, "If-Match")
    assert len(todo.items()) == 1


def test_deleting_an_unknown_todo_succeeds(todo):
    todo_id = todo.create().body["todoId"]
    assert [todo.delete(todo_id).status for _ in range(2)] == [204, 204]
    assert todo.items() == []
    assert todo.read(todo_id).status == 404


def test_an_unchanged_todo_returns_304_without_a_body(todo):
    created = todo.create()
    todo_id, etag = created.body["todoId"], created.headers["ETag"]
    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        unchanged = todo.read(todo_id, headers={"If-None-Match": header})
        assert (unchanged.status, unchanged.text) == (304, "")
    for header in ('"x"', etag.strip('"'), ""):
        assert todo.read(todo_id, headers={"If-None-Match": header}).status == 200
    todo.update(todo_id, {"title": "b", "done": False, "version": 1})
    assert todo.read(todo_id, headers={"If-None-Match": etag}).status == 200


def test_an_unchanged_list_returns_304(todo):
    todo.create()
    etag = todo.call("GET /todos").headers["ETag"]
    headers = {"If-None-Match": etag}
    assert todo.call("GET /todos", headers=headers).status == 304
    todo.create("key-2")
    assert todo.call("GET /todos", headers=headers).status == 200


def test_two_users_never_see_each_other(todo):
    mine = todo.create(user=ADA, body={"title": "Ada's", "dueAt": DUE})
    mine_id = mine.body["todoId"]
    empty = {"items": []}

    assert todo.read(mine_id, user=BOB).refused == (404, "todoId")
    assert todo.read(mine_id, user=BOB, headers={"If-None-Match": "*"}).status == 404
    assert todo.call("GET /todos", user=BOB).body == empty
    assert todo.call("GET /todos", user=BOB, query={"open": "true"}).body == empty
    change = {"title": "Bob's", "done": True, "version": 1}
    assert todo.update(mine_id, change, user=BOB).refused == (404, "todoId")
    headers = {"If-Match": mine.headers["ETag"]}
    change = {"title": "Bob's", "done": True}
    assert todo.update(mine_id, change, user=BOB, headers=headers).refused == (404, "todoId")
    assert todo.delete(mine_id, user=BOB).status == 204

    assert todo.read(mine_id, user=ADA).body == mine.body
    assert len(todo.items()) == 1


def test_equal_lists_of_two_users_have_different_etags(todo):
    etags = {todo.call("GET /todos", user=user).headers["ETag"] for user in (ADA, BOB)}
    assert len(etags) == 2


def test_reading_never_writes(todo):
    todo_id = todo.create(body={"title": "a", "dueAt": DUE}).body["todoId"]
    before = todo.items()
    todo.dynamodb.calls.clear()
    todo.read(todo_id)
    todo.pages(query={"limit": 1})
    todo.pages(query={"open": "true"})
    assert {name for name, _, _ in todo.dynamodb.calls} == {"get_item", "query"}
    assert todo.items() == before


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "secret"}}, "PutItem"),
        ReadTimeoutError(endpoint_url="secret"),
    ],
)
def test_temporary_errors_of_aws_return_503(todo, error):
    class Failing(Spy):
        def put_item(self, **arguments):
            raise error

    answer = todo.create(function=todo.todos_write(Failing(todo.dynamodb)))
    assert answer.refused == (503, "")
    assert answer.headers["Retry-After"] == "1"
    assert "secret" not in answer.text
    assert todo.create().status == 201


def test_an_internal_error_is_raised(todo: TodoWorld):
    todo.table = "no-such-table"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        todo.create()


def in_threads(functions):
    answers = []
    threads = [threading.Thread(target=lambda f=f: answers.append(f())) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
