"""An emulator for all tests of this folder, and small builders of what they need in it."""

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
    # Only with our runtime do functions leave a log to look at.
    with Emulator(unpatched=set(PATCHES) - {"function_runtime"}) as emulator:
        yield emulator


@pytest.fixture
def stock(shared_stock):
    """The emulator without patches, empty: a test that it fails shows what a patch is for."""
    shared_stock.reset()
    return Cloud(shared_stock)


@pytest.fixture(scope="session")
def shared_stock_gateway():
    # Without this one there is no API to try the other patches on.
    with Emulator(unpatched=set(PATCHES) - {"function_runtime", "openapi_documents"}) as emulator:
        yield emulator


@pytest.fixture
def stock_gateway(shared_stock_gateway):
    """The emulator without patches, but with whole APIs, empty."""
    shared_stock_gateway.reset()
    return Cloud(shared_stock_gateway)
