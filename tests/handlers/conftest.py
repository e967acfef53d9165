"""Handlers run in this process, on real (emulated) tables, buckets, buses and queues."""

from collections.abc import Iterator

import pytest

from local.emulator.process import Emulator

from .outbox_pipeline.world import World

SUMMARY = pytest.StashKey[list[str]]()
"""Lines that tests want to see below their results."""


def pytest_configure(config):
    config.stash[SUMMARY] = []


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[SUMMARY]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def world(emulator: Emulator) -> World:
    """An orders system of the test's own."""
    return World(emulator)
