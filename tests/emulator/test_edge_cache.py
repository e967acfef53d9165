"""The edge caches answers for the right time."""

import pytest

from tests.emulator.cloud import until
from tests.emulator.edge import UNCACHED, Edge
from tests.emulator.gateway import call


def told(answer):
    return answer.headers["x-cache"].split(" ")[0]


def asked(edge, path="/a.txt", **headers):
    """Send a request by host name, so that stock answers too."""
    url = f"{edge.cloud.emulator.endpoint}{path}"
    return call(url, host=edge.domain, x_forwarded_proto="https", **headers)


def held(edge, path="/a.txt"):
    """Return whether the second of two requests is answered from the cache."""
    asked(edge, path)
    return told(asked(edge, path)) == "Hit"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("max-age=60", True),
        ("s-maxage=60, max-age=0", True),
        ("public, max-age=31536000, immutable", True),
    ],
)
def test_an_answer_is_cached_for_the_time_that_its_origin_sets(cloud, said, kept):
    edge = Edge(cloud, {"a.txt": {"Body": "old", "CacheControl": said}})
    assert told(asked(edge)) == "Miss"
    edge.put("a.txt", "new")
    again = asked(edge)
    assert (told(again), again.text, again.headers["age"].isdigit()) == ("Hit", "old", True)


def test_an_answer_without_cache_control_is_cached_for_the_default_ttl(cloud):
    assert held(Edge(cloud, {"a.txt": "x"}))


def test_an_answer_with_no_store_is_cached_for_the_min_ttl(cloud):
    edge = Edge(cloud, {"a.txt": {"Body": "old", "CacheControl": "no-store"}})
    asked(edge)
    edge.put("a.txt", {"Body": "new", "CacheControl": "no-store"})
    assert until(lambda: asked(edge).text == "new")


def test_a_policy_without_caching_disables_the_cache(cloud):
    edge = Edge(cloud, {"a.txt": {"Body": "x", "CacheControl": "max-age=60"}}, UNCACHED)
    assert not held(edge)


@pytest.mark.parametrize(
    ("path", "gone"), [("/a.txt", True), ("/*", True), ("/a*", True), ("/b.txt", False)]
)
def test_an_invalidation_removes_cached_answers(cloud, path, gone):
    edge = Edge(cloud, {"a.txt": "old"})
    asked(edge)
    edge.put("a.txt", "new")
    edge.invalidate(path)
    assert asked(edge).text == ("new" if gone else "old")


def test_the_query_is_part_of_the_key_only_if_the_policy_includes_it(cloud):
    edge = Edge(cloud, {"a.txt": "x"})
    asked(edge, "/a.txt?v=1")
    assert told(asked(edge, "/a.txt?v=2")) == "Hit"


def test_range_and_conditional_requests_are_answered_from_the_cache(cloud):
    edge = Edge(cloud, {"a.txt": "0123456789"})
    etag = asked(edge).headers["etag"]
    for wanted, text in (("2-4", "234"), ("7-", "789"), ("-2", "89"), ("8-99", "89")):
        answer = asked(edge, Range=f"bytes={wanted}")
        assert (answer.status, answer.text, told(answer)) == (206, text, "Hit")
    assert asked(edge, Range="bytes=20-").status == 416
    assert asked(edge, if_none_match=etag).status == 304
    assert asked(edge, if_none_match='"other"').status == 200


def test_a_missing_object_is_not_cached(cloud):
    edge = Edge(cloud)  # S3 answers 403, which is cached only if configured
    assert asked(edge).status == 403
    edge.put("a.txt", "there")
    assert asked(edge).text == "there"


def test_an_error_is_cached_for_the_time_of_the_distribution(cloud):
    error = {"ErrorCode": 403, "ErrorCachingMinTTL": 60}
    edge = Edge(cloud, CustomErrorResponses={"Quantity": 1, "Items": [error]})
    asked(edge)
    edge.put("a.txt", "there")
    assert asked(edge).status == 403


def test_stock_caches_nothing(stock):
    assert not held(Edge(stock, {"a.txt": {"Body": "x", "CacheControl": "max-age=60"}}))
