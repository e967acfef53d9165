"""The edge compresses text."""

import gzip
import http.client

import pytest

from tests.emulator.edge import Edge

TEXT = "words and words " * 100


def fetched(edge, accept="gzip, br", **object_):
    edge.put("a", {"Body": TEXT, "ContentType": "text/html", **object_})
    connection = http.client.HTTPConnection("127.0.0.1", edge.cloud.emulator.port, timeout=20)
    headers = {"host": edge.host, "x-forwarded-proto": "https", "accept-encoding": accept}
    connection.request("GET", "/a", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.headers, body


def test_text_is_compressed(cloud):
    headers, body = fetched(Edge(cloud, compress=True))
    assert headers["content-encoding"] == "gzip" and headers["etag"].startswith('W/"')
    assert "accept-encoding" in headers["vary"].lower()
    assert len(body) < len(TEXT) / 5 and gzip.decompress(body).decode() == TEXT


@pytest.mark.parametrize(
    "more",
    [
        {"accept": "identity"},
        {"ContentType": "image/png"},
        {"Body": "short"},
        {"ContentEncoding": "br"},
    ],
)
def test_other_answers_are_not_compressed(cloud, more):
    headers, body = fetched(Edge(cloud, compress=True), **more)
    assert headers["content-encoding"] != "gzip"
    assert body.decode() == more.get("Body", TEXT)


def test_the_behavior_enables_compression(cloud):
    assert fetched(Edge(cloud))[0]["content-encoding"] is None


def test_stock_compresses_nothing(stock):
    assert fetched(Edge(stock, compress=True))[0]["content-encoding"] is None
