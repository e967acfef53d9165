"""The edge caches responses for the time that the origin and the policy set."""

import pytest

from tests.emulator.cloud import until
from tests.emulator.edge import UNCACHED, Edge
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


def test_stock_caches_nothing(stock):
    assert not is_cached(Edge(stock, {"a.txt": {"Body": "x", "CacheControl": "max-age=60"}}))
