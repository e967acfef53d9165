"""Pages of allowed origins can read every response, other pages cannot read any."""

import pytest
from api import allowed_origins

from ..api import ORIGIN
from ..requests import request

ALLOW = "Access-Control-Allow-Origin"


@pytest.mark.parametrize("origin", [ORIGIN, "https://other.example.com"])
def test_allowed_origin(shared, origin):
    for answer in (
        shared.call("GET /todos", headers={"Origin": origin}),
        shared.call("GET /todos", headers={"origin": origin}, query={"limit": "x"}),
        shared.call("GET /todos", headers={"Origin": origin}, user=None),
    ):
        assert answer.headers[ALLOW] == origin
        assert "Origin" in answer.headers["Vary"]
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", "null", "*", ORIGIN + "/", ORIGIN.upper(), ""]
)
def test_other_origin(shared, origin):
    answer = shared.call("GET /todos", headers={"Origin": origin})
    assert ALLOW not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_no_origin(shared):
    assert ALLOW not in shared.call("GET /todos").headers


def test_origins_of_the_environment():
    read = allowed_origins
    assert read({}) == read({"ALLOWED_ORIGINS": ""}) == read({"ALLOWED_ORIGINS": " , "}) == set()
    assert read({"ALLOWED_ORIGINS": "https://a, https://b"}) == {"https://a", "https://b"}


def test_responses_are_cached_for_the_user_only(shared):
    assert shared.call("GET /todos").headers["Cache-Control"] == "private, no-cache"
    assert shared.call("GET /todos", query={"limit": "x"}).headers["Cache-Control"] == "no-store"
    assert shared.call("GET /health").headers["Cache-Control"] == "no-store"


def test_handlers_read_their_environment(emulator, shared, monkeypatch):
    """Call each `handler` as Lambda does."""
    from todo_list.files import app as files
    from todo_list.todos_read import app as todos_read
    from todo_list.todos_read_dax import app as todos_read_dax
    from todo_list.todos_write import app as todos_write

    from ..aws import emulator_environment

    variables = {
        **emulator_environment(emulator),
        "TODOS_TABLE": shared.table,
        "FILES_BUCKET": shared.bucket,
        "URL_SECONDS": "60",
        "MAX_FILE_BYTES": "1000",
        "ALLOWED_ORIGINS": ORIGIN,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    headers = {"Origin": ORIGIN}
    for module, make, operation, status in (
        (todos_read, todos_read.todos_read, "GET /todos", 200),
        (todos_read_dax, todos_read_dax.todos_read, "GET /todos", 200),
        (todos_write, todos_write.todos_write, "POST /todos", 400),
        (files, files.files, "GET /files", 200),
    ):
        make.cache_clear()
        try:
            response = module.handler(request(operation, headers=headers), None)
        finally:
            make.cache_clear()
        assert response["statusCode"] == status
        assert response["headers"][ALLOW] == ORIGIN
