"""Prices come from the cache, and survive the loss of cache or catalogue."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cache import CacheUnavailable
from service_client import Answer as Call
from service_client import ServiceUnavailable
from services.prices.app import make
from services.prices.prices import price
from services.prices.products import FRESH_SECONDS, STALE_SECONDS, Products

from tests.handlers.api import ORIGINS, Answer
from tests.handlers.documents import assert_documented
from tests.handlers.requests import request

from .conftest import uses

TEA = {"productId": "tea", "name": "Green tea", "priceCents": 450, "version": 1, "sold": 0}


class Catalogue:
    """A catalogue that counts its reads."""

    def __init__(self, pause: float = 0) -> None:
        self.pause, self.reads, self.down = pause, 0, False
        self.products: dict[str, Any] = {"tea": TEA}
        self._lock = threading.Lock()

    def get(self, *path: str) -> Call:
        with self._lock:
            self.reads += 1
        time.sleep(self.pause)
        if self.down:
            raise ServiceUnavailable("catalogue gave no answer")
        product = self.products.get(path[1])
        return Call(200 if product else 404, product, {})


class NoCache:
    """A cache that is down."""

    def _fail(self, *_about: Any) -> Any:
        raise CacheUnavailable("down")

    get = set = add = delete = _fail


class Service:
    """The service with a store and a catalogue."""

    def __init__(self, store: Any, catalogue: Catalogue, **clock: Any) -> None:
        self.catalogue = catalogue
        self.api = make(Products(catalogue, store, **clock), ORIGINS)

    def ask(self, product: str = "tea", **query: Any) -> Answer:
        event = request("GET /prices/{productId}", path={"productId": product}, query=query)
        response = self.api(event)
        assert_documented("prices", event, response)
        return Answer(response)


@pytest.fixture(scope="module")
def valkey(stores):
    made = stores.cache()
    made["role"] = stores.role("prices", uses())
    return made


@pytest.fixture
def store(stores, valkey, acting):
    acting(valkey["role"])
    client = stores.cache_client(valkey, timeout=1.0)
    yield client
    client.delete("product:tea")
    client.delete("lock:product:tea")
    client.delete("product:none")


def test_a_price_has_the_discount_of_its_quantity():
    totals = {quantity: price(TEA, quantity)["totalCents"] for quantity in (1, 9, 10, 99, 100)}
    assert totals == {1: 450, 9: 4050, 10: 4275, 99: 42322, 100: 40500}


def test_the_second_price_comes_from_the_cache(store):
    service = Service(store, Catalogue())
    first, second = service.ask(quantity=10), service.ask(quantity=1)
    assert first.body == {
        "productId": "tea",
        "quantity": 10,
        "unitCents": 450,
        "discountPercent": 5,
        "totalCents": 4275,
        "source": "catalogue",
    }
    assert (second.body["source"], service.catalogue.reads) == ("cache", 1)


def test_a_missing_product_is_remembered(store):
    service = Service(store, Catalogue())
    assert [service.ask("none").refused for _ in range(3)] == [(404, "productId")] * 3
    assert service.catalogue.reads == 1


@pytest.mark.parametrize(
    "product, query, field",
    [
        ("Tea", {}, "productId"),
        ("tea", {"quantity": "0"}, "quantity"),
        ("tea", {"quantity": "1001"}, "quantity"),
        ("tea", {"quantity": "1.5"}, "quantity"),
        ("tea", {"quantity": "x"}, "quantity"),
    ],
)
def test_a_bad_request_is_refused_by_name(product, query, field):
    assert Service(NoCache(), Catalogue()).ask(product, **query).refused == (400, field)


def test_of_many_callers_at_once_one_asks_the_catalogue(stores, store):
    catalogue = Catalogue(pause=0.5)
    # Processes of their own: none sees the copies of another one.
    services = [Service(store, catalogue) for _ in range(200)]
    with ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(lambda each: each.ask(), services))
    assert {answer.status for answer in answers} == {200}
    assert catalogue.reads == 1


def test_while_the_cache_is_down_a_fresh_copy_answers():
    now = [0.0]
    service = Service(NoCache(), Catalogue(), clock=lambda: now[0])
    sources = []
    for at in (0, 1, FRESH_SECONDS, FRESH_SECONDS + 1):
        now[0] = at
        sources.append(service.ask().body["source"])
    assert sources == ["catalogue", "copy", "copy", "catalogue"]
    assert service.catalogue.reads == 2


def test_while_the_catalogue_is_down_an_older_copy_answers():
    now = [0.0]
    service = Service(NoCache(), Catalogue(), clock=lambda: now[0])
    service.ask()
    service.catalogue.down = True
    now[0] = STALE_SECONDS
    assert service.ask().body["source"] == "copy"
    now[0] = STALE_SECONDS + 1
    refused = service.ask()
    assert (refused.status, refused.headers["Retry-After"]) == (503, "1")


def test_a_caller_that_died_with_the_lock_delays_others_only_for_its_life(store):
    store.add("lock:product:tea", b"", 0.5)
    service = Service(store, Catalogue())
    assert service.ask().body["source"] == "catalogue"
    assert service.catalogue.reads == 1


def test_a_cache_that_hangs_or_dies_costs_little(stores, valkey, acting):
    acting(valkey["role"])
    store = stores.cache_client(valkey, timeout=0.2)
    service = Service(store, Catalogue())
    assert service.ask().body["source"] in ("cache", "catalogue")
    server = stores.cache_process()
    os.kill(server, signal.SIGSTOP)
    try:
        assert service.ask().body["source"] == "copy"
        assert Service(store, service.catalogue).ask().body["source"] == "catalogue"
    finally:
        os.kill(server, signal.SIGCONT)
    os.kill(server, signal.SIGKILL)
    assert service.ask().status == 200
