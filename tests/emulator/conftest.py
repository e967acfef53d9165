"""An emulator for all tests of this folder, with and without patches."""

import pytest

from local.emulator import Emulator
from local.emulator.patches import PATCHES
from tests.emulator.cloud import Cloud


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
