"""An emulator for all tests of this folder, and small builders of what they need in it."""

import pytest
from cloud import Cloud

from local.emulator import Emulator


@pytest.fixture(scope="session")
def shared_emulator():
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def cloud(shared_emulator):
    """The mended emulator, empty."""
    shared_emulator.reset()
    return Cloud(shared_emulator)


@pytest.fixture
def unmended():
    """Makes an emulator without the named mends: what upstream does by itself."""
    emulators = []

    def start(*mends):
        emulators.append(Emulator(unmended=mends).start())
        return Cloud(emulators[-1])

    yield start
    for emulator in emulators:
        emulator.stop()
