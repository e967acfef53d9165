"""An emulator for all tests of this folder, with and without patches."""

from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from local.emulator import Emulator
from local.emulator.patches import PATCHES
from tests.emulator.balancer import Balancer, server
from tests.emulator.cloud import Cloud
from tests.emulator.instances import Instances


@pytest.fixture(scope="session")
def shared_emulator():
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def cloud(shared_emulator):
    """The patched emulator, empty."""
    shared_emulator.reset()
    return Cloud(shared_emulator)


@pytest.fixture(scope="session")
def shared_stock():
    # Functions write a log only with our runtime.
    with Emulator(unpatched=set(PATCHES) - {"function_runtime"}) as emulator:
        yield emulator


@pytest.fixture
def stock(shared_stock):
    """The emulator without patches, empty: tests on it show why a patch is needed."""
    shared_stock.reset()
    return Cloud(shared_stock)


@pytest.fixture(scope="session")
def shared_stock_gateway():
    # Without this patch there are no APIs to test other patches with.
    with Emulator(unpatched=set(PATCHES) - {"function_runtime", "openapi_documents"}) as emulator:
        yield emulator


@pytest.fixture
def stock_gateway(shared_stock_gateway):
    """The emulator without patches, but with whole APIs, empty."""
    shared_stock_gateway.reset()
    return Cloud(shared_stock_gateway)


@pytest.fixture
def servers() -> Iterator[list[ThreadingHTTPServer]]:
    with server() as first, server() as second:
        yield [first, second]


@pytest.fixture
def balancer(cloud):
    return Balancer(cloud)


@pytest.fixture
def instances(cloud):
    return Instances(cloud)
