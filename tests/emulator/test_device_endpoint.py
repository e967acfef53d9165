"""Devices connect to a port that only this machine can reach."""

import socket

import pytest


def endpoint(cloud):
    found = cloud.client("iot").describe_endpoint(endpointType="iot:Data-ATS")
    host, _, port = found["endpointAddress"].rpartition(":")
    return host, int(port)


def test_the_endpoint_is_a_port_of_this_machine_that_survives_a_reset(cloud):
    host, port = endpoint(cloud)
    assert host == "localhost" and port != cloud.emulator.port
    socket.create_connection((host, port), timeout=5).close()
    cloud.emulator.reset()
    assert endpoint(cloud) == (host, port)
    socket.create_connection((host, port), timeout=5).close()


def test_stock_returns_the_port_of_the_gateway(stock):
    host, port = endpoint(stock)
    assert host != "localhost" and port == stock.emulator.port


@pytest.mark.parametrize("kind", ["iot:CredentialProvider"])
def test_other_endpoints_do_not_change(cloud, kind):
    found = cloud.client("iot").describe_endpoint(endpointType=kind)
    assert found["endpointAddress"].endswith(f":{cloud.emulator.port}")
