"""Fixtures for handlers that run in this process with emulated services."""

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
    """A separate orders system for each test."""
    return World(emulator)
