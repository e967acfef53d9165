"""A distribution has its own port."""

import socket
from contextlib import ExitStack, suppress

import pytest

from tests.emulator.edge import Edge, port_of
from tests.emulator.gateway import call


def test_the_address_serves_the_files(cloud):
    edge = Edge(cloud, {"a.txt": "hello", "login": "no page of Cognito"})
    assert edge.url.startswith("http://localhost:")
    assert call(f"{edge.url}/a.txt").text == "hello"
    assert call(f"{edge.url}/login").text == "no page of Cognito"
    head = call(f"{edge.url}/a.txt", "HEAD")
    assert (head.status, head.text, head.headers["content-length"]) == (200, "", "5")


def test_only_the_distribution_reads_the_bucket(cloud):
    edge = Edge(cloud, {"a.txt": "hello"})
    assert call(f"{cloud.emulator.endpoint}/pages/a.txt").status == 403
    assert call(f"{edge.url}/b.txt").status == 403


def test_the_comment_sets_the_port(cloud):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert Edge(cloud, Comment=f"at http://localhost:{port}, or not").url.endswith(f":{port}")


def test_a_reset_closes_the_port(cloud):
    edge = Edge(cloud, {"a.txt": "hello"})
    assert call(f"{edge.url}/a.txt").status == 200
    cloud.emulator.reset()
    again = Edge(cloud, {"a.txt": "anew"})
    assert call(f"{again.url}/a.txt").text == "anew"


def test_two_distributions_have_two_ports(cloud):
    first = Edge(cloud, {"a.txt": "hello"})
    cloud.client("s3").delete_object(Bucket="pages", Key="a.txt")
    with ExitStack() as taken:
        # Without it, another emulator beside this one has the port already.
        with suppress(OSError):
            next_port = ("127.0.0.1", port_of(first.url) + 1)
            taken.enter_context(socket.create_server(next_port))
        config = cloud.client("cloudfront").get_distribution_config(Id=first.id)
        made = cloud.client("cloudfront").create_distribution(
            DistributionConfig={**config["DistributionConfig"], "CallerReference": "2"}
        )
    url = made["ResponseMetadata"]["HTTPHeaders"]["x-viewer-url"]
    assert port_of(url) not in (port_of(first.url), port_of(first.url) + 1)
    assert call(f"{url}/a.txt").status == 403


def test_stock_has_no_port(stock):
    edge = Edge(stock, {"a.txt": "hello"})
    assert edge.url is None
    with pytest.raises(OSError):
        socket.create_connection(("localhost", stock.emulator.port + 1), timeout=1).close()
