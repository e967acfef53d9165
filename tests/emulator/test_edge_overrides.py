"""The query string overrides response headers of S3 if the cache policy forwards it."""

import pytest

from local.emulator import Emulator
from tests.emulator.cloud import Cloud
from tests.emulator.edge import CACHED, Edge
from tests.emulator.gateway import call

WANTED = "attachment; filename*=UTF-8''a.txt"
QUERY = "response-content-disposition=attachment%3B%20filename%2A%3DUTF-8%27%27a.txt"


def forwarding(cloud):
    parameters = {
        "EnableAcceptEncodingGzip": True,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {
            "QueryStringBehavior": "whitelist",
            "QueryStrings": {"Quantity": 1, "Items": ["response-content-disposition"]},
        },
    }
    config = {
        "Name": "p",
        "MinTTL": 0,
        "ParametersInCacheKeyAndForwardedToOrigin": parameters,
    }
    client = cloud.client("cloudfront")
    return client.create_cache_policy(CachePolicyConfig=config)["CachePolicy"]["Id"]


def test_the_query_string_sets_headers(cloud):
    edge = Edge(cloud, {"a.txt": "hello"}, policy=forwarding(cloud))
    for _ in range(2):
        saved = call(f"{edge.url}/a.txt?{QUERY}")
        assert (saved.text, saved.headers["content-disposition"]) == ("hello", WANTED)
        assert "content-disposition" not in call(f"{edge.url}/a.txt").headers
    other = call(f"{edge.url}/a.txt?response-content-type=text/html")  # not forwarded
    assert other.headers["content-type"] != "text/html"


def test_a_query_string_that_is_not_forwarded_sets_no_headers(cloud):
    edge = Edge(cloud, {"a.txt": "hello"}, policy=CACHED)
    assert "content-disposition" not in call(f"{edge.url}/a.txt?{QUERY}").headers


@pytest.fixture(scope="module")
def unpatched():
    with Emulator(unpatched={"edge_overrides"}) as emulator:
        yield emulator


def test_stock_ignores_the_query_string(unpatched):
    stock = Cloud(unpatched)
    edge = Edge(stock, {"a.txt": "hello"}, policy=forwarding(stock))
    assert "content-disposition" not in call(f"{edge.url}/a.txt?{QUERY}").headers
