"""Invalid input: the response names the field, nothing is written and no secret is logged."""

import base64
import json
import logging

import fastjsonschema
import pytest
from api import Refusal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from todo_list.files.bodies import new_file
from todo_list.todos_write.bodies import change, new_todo

from ..api import Answer
from ..documents import check
from ..requests import ADA, request

SECRETS = ("Secret errand", "secret note", "secret.jpg", "secret-token", "key-secret", ADA)
"""Values that must not appear in a log line."""

ID = "7d4a7c0e-3c1b-5b0a-9d7e-2f4b8a1c6e90"
NEW = {"title": "Secret errand", "note": "secret note", "dueAt": "2027-01-31T17:00:00Z"}
CHANGE = {**NEW, "done": False, "version": 1}
FILE = {"name": "secret.jpg", "contentType": "image/jpeg", "size": 10}
NEW_TEXT = json.dumps(NEW)

TIMES = [
    "",
    "soon",
    "2027-01-31",
    "2027-01-31T17:00:00",
    "2027-01-31 17:00:00Z",
    "2027-02-30T17:00:00Z",
    "2027-01-31T24:00:01Z",
    "2027-01-31T17:00:60Z",
    "2027-01-31T17:00Z",
    "2027-W05-1T17:00:00Z",
    "2027-01-31T17:00:00.Z",
    "2027-01-31T17:00:00.0123456789Z",
    "2027-01-31T17:00:00+24:00",
    "2027-01-31T17:00:00+0100",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "2027-01-31T17:00:00Z\n",
    "٢٠٢٧-01-31T17:00:00Z",
    "12027-01-31T17:00:00Z",
]

CONTENTS = {
    "no title": ({"title": None}, "title"),
    "number for title": ({"title": 7}, "title"),
    "empty title": ({"title": ""}, "title"),
    "long title": ({"title": "t" * 201}, "title"),
    "list for note": ({"note": []}, "note"),
    "null note": ({"note": None}, "note"),
    "long note": ({"note": "n" * 2001}, "note"),
    "number for time": ({"dueAt": 1}, "dueAt"),
    "null time": ({"dueAt": None}, "dueAt"),
    "extra": ({"userId": "x"}, "userId"),
    "long extra": ({"x" * 1000: 1}, "x" * 64),
    "half surrogate": ({"note": "\ud800"}, "note"),
    **{f"time {text!r}": ({"dueAt": text}, "dueAt") for text in TIMES},
}

CHANGES = {
    **CONTENTS,
    "text for done": ({"done": "true"}, "done"),
    "number for done": ({"done": 1}, "done"),
    "null done": ({"done": None}, "done"),
    "text for version": ({"version": "1"}, "version"),
    "true for version": ({"version": True}, "version"),
    "fraction": ({"version": 1.5}, "version"),
    "float": ({"version": 1.0}, "version"),
    "zero": ({"version": 0}, "version"),
    "huge": ({"version": 10**30}, "version"),
}

FILES = {
    "number for name": ({"name": 1}, "name"),
    "no name": ({"name": ""}, "name"),
    "long name": ({"name": "n" * 982}, "name"),
    "long name in UTF-8": ({"name": "é" * 491}, "name"),
    "slash": ({"name": "a/b"}, "name"),
    "traversal": ({"name": "../b"}, "name"),
    "dots": ({"name": ".."}, "name"),
    "backslash": ({"name": "..\\b"}, "name"),
    "encoded slash": ({"name": "..%2Fb"}, "name"),
    "NUL": ({"name": "a\0b"}, "name"),
    "newline": ({"name": "a\nb"}, "name"),
    "blank": ({"name": " "}, "name"),
    "placeholder": ({"name": "${filename}"}, "name"),
    "number for type": ({"contentType": 1}, "contentType"),
    "no type": ({"contentType": ""}, "contentType"),
    "half a type": ({"contentType": "image"}, "contentType"),
    "type with parameters": ({"contentType": "text/html; charset=utf-8"}, "contentType"),
    "type and newline": ({"contentType": "image/jpeg\n"}, "contentType"),
    "type with a header": ({"contentType": "image/jpeg\r\nx: y"}, "contentType"),
    "long type": ({"contentType": "a/" + "b" * 126}, "contentType"),
    "text for size": ({"size": "1"}, "size"),
    "true for size": ({"size": True}, "size"),
    "negative size": ({"size": -1}, "size"),
    "too large": ({"size": 1_000_001}, "size"),
    "text for overwrite": ({"overwrite": "no"}, "overwrite"),
    "null overwrite": ({"overwrite": None}, "overwrite"),
    "extra": ({"bucket": "other"}, "bucket"),
}

TEXTS = {
    "no JSON": "{",
    "text after": NEW_TEXT + "x",
    "array": "[]",
    "text": '"todo"',
    "null": "null",
    "NaN": '{"title": NaN}',
    "5000 digits": '{"title": ' + "9" * 5000 + "}",
    "deep": '{"title":' + "[" * 30_000 + "]" * 30_000 + "}",
    "byte order mark": "\ufeff" + NEW_TEXT,
    "half surrogate unescaped": NEW_TEXT.replace("Secret", "\ud800"),
}


@pytest.fixture
def refusal(shared, caplog):
    """Call an operation, return the status and the field, and assert that it has no effect."""

    def call(operation, **parts):
        caplog.set_level(logging.DEBUG)
        shared.s3.calls.clear()
        answer = shared.call(operation, **parts)
        assert shared.items() == [] and shared.stored() == []
        assert {name for name, _, _ in shared.s3.calls} <= {"list_objects_v2"}
        own = " ".join(
            str(vars(each))
            for each in caplog.records
            if not each.name.startswith(("boto", "urllib", "asyncio"))
        )
        for secret in SECRETS:
            assert secret not in own
            assert secret not in answer.text
        return answer.refused

    return call


def create(refusal, body, key="key-secret"):
    headers = {"Idempotency-Key": key} if key is not None else {}
    return refusal("POST /todos", headers=headers, body=body)


def update(refusal, body, **parts):
    return refusal("PUT /todos/{todoId}", path={"todoId": ID}, body=body, **parts)


@pytest.mark.parametrize(("wrong", "field"), CONTENTS.values(), ids=CONTENTS.keys())
def test_create(refusal, wrong, field):
    assert create(refusal, {**NEW, **wrong}) == (400, field)


@pytest.mark.parametrize(("wrong", "field"), CHANGES.values(), ids=CHANGES.keys())
def test_update(refusal, wrong, field):
    assert update(refusal, {**CHANGE, **wrong}) == (400, field)


@pytest.mark.parametrize(("wrong", "field"), FILES.values(), ids=FILES.keys())
def test_upload(refusal, wrong, field):
    assert refusal("POST /files", body={**FILE, **wrong}) == (400, field)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_text(refusal, text):
    refused = create(refusal, text)
    assert refused in ((400, "body"), (400, "title"))


def test_missing_members(refusal):
    assert create(refusal, {"note": "secret note"}) == (400, "title")
    assert update(refusal, {"done": True, "version": 1}) == (400, "title")
    assert update(refusal, {"title": "Secret errand", "version": 1}) == (400, "done")
    assert update(refusal, {"title": "Secret errand", "done": True}) == (400, "version")
    for name in FILE:
        rest = {key: value for key, value in FILE.items() if key != name}
        assert refusal("POST /files", body=rest) == (400, name)


def test_repeated_member(refusal):
    assert create(refusal, NEW_TEXT[:-1] + ', "title": "x"}') == (400, "title")


@pytest.mark.parametrize("body", ["", None])
def test_no_body(refusal, body):
    assert create(refusal, body) == (400, "body")


BASE64 = {
    "not Base64": ("%%%", 400),
    "not UTF-8": (base64.b64encode(b'{"title":"\xff"}').decode(), 400),
    "UTF-16": (base64.b64encode(NEW_TEXT.encode("utf-16")).decode(), 400),
    "1 MB": (base64.b64encode(b" " * 1024 * 1024).decode(), 413),
}


@pytest.mark.parametrize(("body", "status"), BASE64.values(), ids=BASE64.keys())
def test_base64(refusal, body, status):
    headers = {"Idempotency-Key": "key-secret"}
    event = {"headers": headers, "body": body, "isBase64Encoded": True}
    assert refusal("POST /todos", **event) == (status, "body")


@pytest.mark.parametrize(
    "text",
    [NEW_TEXT + " " * (64 * 1024 - len(NEW_TEXT) + 1), json.dumps({"title": "x" * 65536})],
)
def test_body_too_large(refusal, text):
    assert create(refusal, text) == (413, "body")


@pytest.mark.parametrize("key", [None, "", "  ", "k" * 256, "a\tb", "schlüssel"])
def test_idempotency_key(refusal, key):
    assert create(refusal, NEW, key) == (400, "Idempotency-Key")


def test_two_idempotency_keys(refusal):
    many = {"multiValueHeaders": {"idempotency-key": ["a", "b"]}}
    assert refusal("POST /todos", body=NEW, **many) == (400, "Idempotency-Key")


@pytest.mark.parametrize(
    "etag",
    ["", "*", "1-1", '"1"', '"0-1"', '"a-b"', '"1-1", "2-2"', 'W/"1-1"', '"1-' + "9" * 15 + '"'],
)
def test_if_match(refusal, etag):
    change = {"title": "Secret errand", "done": True}
    assert update(refusal, change, headers={"If-Match": etag}) == (400, "If-Match")


def test_if_match_of_another_version(refusal):
    headers = {"If-Match": '"2-1795257422000"'}
    assert update(refusal, CHANGE, headers=headers) == (400, "version")


@pytest.mark.parametrize(
    "todo_id", ["x", ID.upper(), ID + "\n", ID + "0", "../" + ID, "x" * 5000, "٣" * 36]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_todo_id(refusal, method, todo_id):
    body = CHANGE if method == "PUT" else None
    call = f"{method} /todos/{{todoId}}"
    assert refusal(call, path={"todoId": todo_id}, body=body) == (400, "todoId")


CLAIMS = {
    "no authorizer": {},
    "null": {"authorizer": None},
    "no claims": {"authorizer": {}},
    "no sub": {"authorizer": {"claims": {}}},
    "empty sub": {"authorizer": {"claims": {"sub": ""}}},
    "number": {"authorizer": {"claims": {"sub": 1}}},
    "traversal": {"authorizer": {"claims": {"sub": "../x"}}},
    "star": {"authorizer": {"claims": {"sub": "*"}}},
}
OPERATIONS = [
    "GET /todos",
    "POST /todos",
    "GET /todos/{todoId}",
    "PUT /todos/{todoId}",
    "DELETE /todos/{todoId}",
    "GET /files",
    "POST /files",
    "GET /files/{name}",
    "DELETE /files/{name}",
]


@pytest.mark.parametrize("context", CLAIMS.values(), ids=CLAIMS.keys())
@pytest.mark.parametrize("operation", OPERATIONS)
def test_requests_without_a_user_are_rejected(refusal, operation, context):
    answer = refusal(operation, path={"todoId": ID, "name": "secret.jpg"}, requestContext=context)
    assert answer == (401, "Authorization")


def test_unknown_operation(shared):
    answer = Answer(shared.todos_read()(request("PATCH /todos")))
    assert (answer.status, answer.body["error"]) == (404, "NotFound")


def test_the_log_of_successful_requests_has_no_contents(todo, caplog):
    caplog.set_level(logging.INFO)
    created = todo.create("key-secret", NEW)
    todo.update(created.body["todoId"], CHANGE)
    todo.call("POST /files", body=FILE)
    logged = " ".join(str(vars(each)) for each in caplog.records)
    assert "POST /todos" in logged
    assert not [secret for secret in SECRETS if secret in logged]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

BODIES = {
    "NewTodo": (NEW, new_todo),
    "TodoChange": (CHANGE, lambda body: change(body, None)),
    "NewFile": (FILE, lambda body: new_file(body, 5368709120)),
}


@pytest.mark.parametrize("name", BODIES)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_functions_accept_what_the_document_accepts(name, data):
    """For any value in any place, the gateway and the function agree."""
    whole, read = BODIES[name]
    field = data.draw(st.sampled_from([*whole, "else"]))
    body = {**whole, field: data.draw(json_values)}
    try:
        check("todo", name)(json.loads(json.dumps(body)))
    except fastjsonschema.JsonSchemaValueException:
        valid = False
    else:
        valid = True
    try:
        read(body)
    except Refusal as refused:
        assert refused.status == 400
        assert refused.field == field
        # The validator accepts 1.0 as an integer, a function accepts only 1.
        assert not valid or isinstance(body[field], float)
    else:
        assert valid
