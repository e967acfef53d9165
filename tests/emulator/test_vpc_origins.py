"""A VPC origin leads to its load balancer, by its own protocol and port."""

import pytest

from local.emulator import Emulator
from tests.emulator.balancer import Balancer
from tests.emulator.cloud import Cloud
from tests.emulator.edge import PrivateEdge
from tests.emulator.gateway import call


def started(cloud, servers):
    balancer = Balancer(cloud)
    balancer.register(servers[0])
    balancer.await_states("healthy")
    return balancer


def test_the_edge_reaches_the_load_balancer_by_http(cloud, servers):
    edge = PrivateEdge(cloud, started(cloud, servers))
    answer = call(f"{edge.url}/")
    assert answer.status == 200 and answer.text.startswith(str(servers[0].server_port))


def test_the_domain_name_of_the_origin_can_be_another_one(cloud, servers):
    edge = PrivateEdge(cloud, started(cloud, servers), name="updates.example.com")
    assert call(f"{edge.url}/").status == 200


def test_a_port_without_a_listener_is_a_bad_gateway(cloud, servers):
    edge = PrivateEdge(cloud, started(cloud, servers), port=8080)
    assert call(f"{edge.url}/").status == 502


def test_a_load_balancer_that_is_gone_is_a_bad_gateway(cloud, servers):
    balancer = started(cloud, servers)
    edge = PrivateEdge(cloud, balancer)
    balancer.client.delete_load_balancer(LoadBalancerArn=balancer.arn)
    assert call(f"{edge.url}/").status == 502


@pytest.fixture(scope="module")
def unpatched():
    with Emulator(unpatched={"vpc_origins"}) as emulator:
        yield emulator


def test_stock_takes_the_protocol_of_the_viewer(unpatched, servers):
    stock = Cloud(unpatched)
    edge = PrivateEdge(stock, started(stock, servers))
    assert call(f"{edge.url}/").status == 502
