"""Changed products leave the cache."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from cache import CacheUnavailable
from services.price_changes import app

from .conftest import uses

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)


def record(body: Any, name: str = "m1") -> dict[str, Any]:
    return {"messageId": name, "body": body if isinstance(body, str) else json.dumps(body)}


@pytest.fixture
def store(stores, acting, monkeypatch):
    made = stores.cache("changes", "changes-app")
    acting(stores.role("price-changes", uses("changes", "changes-app")))
    client = stores.cache_client(made, "changes-app", timeout=1.0)
    monkeypatch.setattr(app, "_cache", lambda: client)
    return client


def test_changed_products_are_removed_and_others_stay(store):
    store.set("product:tea", "{}", 60)
    store.set("product:cup", "{}", 60)
    bad = [record("x", "text"), record([], "list"), record({"productId": 7}, "number")]
    batch = [record({"productId": "tea", "version": 2}), *bad]
    answer = app.handler({"Records": batch}, CONTEXT)
    failed = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
    assert failed == ["text", "list", "number"]
    assert (store.get("product:tea"), store.get("product:cup")) == (None, b"{}")


def test_a_message_is_tried_again_while_the_cache_is_down(monkeypatch):
    def refuse(_key: str) -> None:
        raise CacheUnavailable("down")

    monkeypatch.setattr(app, "_cache", lambda: SimpleNamespace(delete=refuse))
    answer = app.handler({"Records": [record({"productId": "tea"})]}, CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
