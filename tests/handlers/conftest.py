"""Handlers run in this process, on real (emulated) tables, buckets, buses and queues."""

from collections.abc import Iterator

import pytest

from local.emulator.process import Emulator

from .outbox_pipeline.world import World


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def world(emulator: Emulator) -> World:
    """An orders system of the test's own."""
    return World(emulator)
