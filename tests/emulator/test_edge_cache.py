"""The edge caches responses for the time that the origin and the policy set."""

import threading
import time
from collections import Counter

import pytest

from local.emulator.edge.store import Store
from tests.emulator.cloud import until
from tests.emulator.edge import CACHED, UNCACHED, Edge, PrivateEdge
from tests.emulator.gateway import call


def cache_status(answer):
    return answer.headers["x-cache"].split(" ")[0]


def send(edge, path="/a.txt", **headers):
    """Send a request with a Host header, so that an unpatched emulator responds too."""
    url = f"{edge.cloud.emulator.endpoint}{path}"
    return call(url, host=edge.host, x_forwarded_proto="https", **headers)


def is_cached(edge, path="/a.txt"):
    """Return whether the second of two requests is answered from the cache."""
    send(edge, path)
    return cache_status(send(edge, path)) == "Hit"


@pytest.mark.parametrize(
    "cache_control",
    ["max-age=60", "s-maxage=60, max-age=0", "public, max-age=31536000, immutable"],
)
def test_an_answer_is_cached_for_the_time_that_its_origin_sets(cloud, cache_control):
    edge = Edge(cloud, {"a.txt": {"Body": "old", "CacheControl": cache_control}})
    assert cache_status(send(edge)) == "Miss"
    edge.put("a.txt", "new")
    again = send(edge)
    assert (cache_status(again), again.text, again.headers["age"].isdigit()) == ("Hit", "old", True)


def test_an_answer_without_cache_control_is_cached_for_the_default_ttl(cloud):
    assert is_cached(Edge(cloud, {"a.txt": "x"}))


def test_an_answer_with_no_store_is_cached_for_the_min_ttl(cloud):
    edge = Edge(cloud, {"a.txt": {"Body": "old", "CacheControl": "no-store"}})
    send(edge)
    edge.put("a.txt", {"Body": "new", "CacheControl": "no-store"})
    assert until(lambda: send(edge).text == "new")


def test_a_policy_without_caching_disables_the_cache(cloud):
    edge = Edge(cloud, {"a.txt": {"Body": "x", "CacheControl": "max-age=60"}}, UNCACHED)
    assert not is_cached(edge)


@pytest.mark.parametrize(
    ("path", "removed"), [("/a.txt", True), ("/*", True), ("/a*", True), ("/b.txt", False)]
)
def test_an_invalidation_removes_cached_answers(cloud, path, removed):
    edge = Edge(cloud, {"a.txt": "old"})
    send(edge)
    edge.put("a.txt", "new")
    edge.invalidate(path)
    assert send(edge).text == ("new" if removed else "old")


def test_the_query_is_part_of_the_key_only_if_the_policy_includes_it(cloud):
    edge = Edge(cloud, {"a.txt": "x"})
    send(edge, "/a.txt?v=1")
    assert cache_status(send(edge, "/a.txt?v=2")) == "Hit"


def test_range_and_conditional_requests_are_answered_from_the_cache(cloud):
    edge = Edge(cloud, {"a.txt": "0123456789"})
    etag = send(edge).headers["etag"]
    for byte_range, text in (("2-4", "234"), ("7-", "789"), ("-2", "89"), ("8-99", "89")):
        answer = send(edge, Range=f"bytes={byte_range}")
        assert (answer.status, answer.text, cache_status(answer)) == (206, text, "Hit")
    assert send(edge, Range="bytes=20-").status == 416
    assert send(edge, if_none_match=etag).status == 304
    assert send(edge, if_none_match='"other"').status == 200


def test_a_missing_object_is_not_cached(cloud):
    edge = Edge(cloud)  # S3 answers 403, which is cached only if configured
    assert send(edge).status == 403
    edge.put("a.txt", "there")
    assert send(edge).text == "there"


def test_an_error_is_cached_for_the_time_of_the_distribution(cloud):
    error = {"ErrorCode": 403, "ErrorCachingMinTTL": 60}
    edge = Edge(cloud, CustomErrorResponses={"Quantity": 1, "Items": [error]})
    send(edge)
    edge.put("a.txt", "there")
    assert send(edge).status == 403


@pytest.mark.parametrize(("policy", "hits"), [(CACHED, 7), (UNCACHED, 0)])
def test_simultaneous_requests_for_an_object_are_one(cloud, balancer, servers, policy, hits):
    balancer.register(servers[0])
    balancer.await_states("healthy")
    edge, seen = PrivateEdge(cloud, balancer, policy), Counter()
    threads = [
        threading.Thread(target=lambda: seen.update([cache_status(call(f"{edge.url}/slow"))]))
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    assert servers[0].begun.wait(20)
    time.sleep(0.3)  # for the others: without collapsing, they reach the server now
    servers[0].go_on.set()
    for each in threads:
        each.join()
    assert (seen["Hit"], seen["Miss"]) == (hits, 8 - hits)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def kept(cache_control="", status=200):
    """Return a cache whose one answer expires after 10 seconds, and its clock."""
    clock = Clock()
    store = Store(clock)
    fetched = (status, "", {"cache-control": cache_control}, b"old")
    store.put("key", "distribution", "/a.txt", fetched, 10)
    return store, clock


def test_an_expired_answer_is_kept_for_an_origin_that_fails():
    store, clock = kept()
    clock.now += 60
    assert store.get("key") is None
    fetched, age = store.renew("key", 5)
    assert (fetched[3], age) == (b"old", 60)
    clock.now += 4
    assert store.get("key") == (fetched, 64)  # until the origin is asked again
    clock.now += 1
    assert store.get("key") is None


def test_the_origin_limits_the_age_of_expired_answers():
    store, clock = kept("max-age=10, stale-if-error=60")
    clock.now += 69
    assert store.renew("key", 5)
    clock.now += 1
    assert store.renew("key", 5) is None
    store, clock = kept("max-age=10, stale-if-error=0")
    clock.now += 10
    assert store.renew("key", 5) is None


def test_neither_errors_nor_invalidated_answers_are_kept():
    store, clock = kept(status=404)
    clock.now += 60
    assert store.renew("key", 5) is None
    store, clock = kept()
    store.invalidate("distribution", "/a.txt")
    assert store.renew("key", 5) is None and store.renew("other", 5) is None


def test_stock_caches_nothing(stock):
    assert not is_cached(Edge(stock, {"a.txt": {"Body": "x", "CacheControl": "max-age=60"}}))
