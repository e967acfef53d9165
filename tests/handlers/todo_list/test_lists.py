"""Lists have pages that cost only their own entries, and tokens that are valid for one list."""

import base64
import json

import pytest
from api import Refusal, bind, unbind
from hypothesis import given
from hypothesis import strategies as st

from ..requests import ADA, BOB
from .todo_world import TodoWorld

TOTAL = 45


@pytest.fixture(scope="module")
def filled(emulator):
    """Ada has 45 to-dos, 15 of them open with a due date. Bob has 300."""
    world = TodoWorld(emulator)
    for n in range(TOTAL):
        due = {"dueAt": f"2027-01-{28 - n // 3:02}T00:00:00.000Z"} if n % 3 == 0 else {}
        world.create(f"key-{n}", {"title": f"Ada's {n}", **due})
    for n in range(300):
        world.create(f"key-{n}", {"title": "Bob's", "dueAt": "2027-01-01T00:00:00Z"}, user=BOB)
    return world


@pytest.mark.parametrize("limit", [1, 7, 20, 44, 45, 100])
def test_pages_list_everything_once(filled, limit):
    pages = filled.pages(query={"limit": limit})
    titles = [each["title"] for page in pages for each in page.body["items"]]
    assert sorted(titles) == sorted(f"Ada's {n}" for n in range(TOTAL))
    assert all(len(page.body["items"]) == limit for page in pages[:-1])


def test_open_todos_are_sorted_by_due_date(filled):
    pages = filled.pages(query={"limit": 4, "open": "true"})
    items = [each for page in pages for each in page.body["items"]]
    due = [each["dueAt"] for each in items]
    assert len(items) == 15
    assert due == sorted(due)


@pytest.mark.parametrize("query", [{}, {"open": "true"}, {"open": "false"}])
def test_the_cost_of_a_page_depends_on_its_entries(filled, query):
    filled.dynamodb.calls.clear()
    pages = filled.pages(query={"limit": 5, **query})
    calls = filled.dynamodb.calls
    assert [name for name, _, _ in calls] == ["query"] * len(pages)
    for _, arguments, result in calls:
        assert arguments["Limit"] == 5
        assert result["ScannedCount"] == result["Count"] <= 5
        assert "FilterExpression" not in arguments


def test_a_page_without_a_limit_has_20_entries(filled):
    assert len(filled.call("GET /todos").body["items"]) == 20


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "", " 1", "x", "٣", "1e1", "0001"])
def test_an_invalid_limit(filled, limit):
    assert filled.call("GET /todos", query={"limit": limit}).refused == (400, "limit")


@pytest.mark.parametrize("value", ["1", "TRUE", "", "yes"])
def test_an_invalid_open(filled, value):
    assert filled.call("GET /todos", query={"open": value}).refused == (400, "open")


def test_a_repeated_parameter(filled):
    twice = {"multiValueQueryStringParameters": {"limit": ["1", "2"]}}
    assert filled.call("GET /todos", **twice).refused == (400, "limit")


def token(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def opened(content):
    return json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))


def test_tokens_are_not_valid_for_other_lists(filled):
    mine = filled.call("GET /todos", query={"limit": 1}).body["next"]
    mine_open = filled.call("GET /todos", query={"limit": 1, "open": "true"}).body["next"]
    bobs = filled.call("GET /todos", user=BOB, query={"limit": 1}).body["next"]
    wrong = [
        {"next": bobs},
        {"next": mine_open},
        {"next": mine, "open": "true"},
        {"next": mine[:-3]},
        {"next": mine + "A"},
        {"next": ""},
        {"next": "a"},
        {"next": "é"},
        {"next": "A" * 5000},
        {"next": token([])},
        {"next": token("x")},
        {"next": token({"for": opened(mine)["for"]})},
        {"next": token({**opened(mine), "after": []})},
        {"next": token({**opened(mine), "after": {}})},
        {"next": token({**opened(mine), "after": {"todoId": 1}})},
        {"next": token({**opened(mine), "after": {"todoId": "x"}})},
        {"next": token({**opened(mine), "after": {"todoId": "x" * 3000}})},
        {"next": token({**opened(mine), "after": opened(mine_open)["after"]})},
    ]
    for query in wrong:
        assert filled.call("GET /todos", query=query).refused == (400, "next"), query
    files = filled.call("GET /files", query={"next": mine})
    assert files.refused == (400, "next")


def test_a_forged_token_stays_in_the_callers_list(filled):
    """A token with Bob's key and Ada's binding only changes the position in Ada's list."""
    mine = filled.call("GET /todos", query={"limit": 1}).body["next"]
    bobs = filled.call("GET /todos", user=BOB, query={"limit": 1}).body["next"]
    forged = token({"for": opened(mine)["for"], "after": opened(bobs)["after"]})
    page = filled.call("GET /todos", query={"next": forged, "limit": 100})
    assert page.status == 200
    assert all(each["title"].startswith("Ada's") for each in page.body["items"])


@given(st.dictionaries(st.text(), st.text(), max_size=3), st.text(), st.text(), st.text())
def test_any_token_is_valid_for_its_list_only(after, user, query, other):
    made = bind(after, user, query)
    assert unbind(made, user, query) == after
    if other != user:
        with pytest.raises(Refusal):
            unbind(made, other, query)
    if other != query:
        with pytest.raises(Refusal):
            unbind(made, user, other)


@given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode().rstrip("=")))
def test_any_other_text_is_rejected(text):
    with pytest.raises(Refusal) as refused:
        unbind(text, ADA, "todos")
    assert (refused.value.status, refused.value.field) == (400, "next")
