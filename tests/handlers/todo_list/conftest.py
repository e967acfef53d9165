"""Fixtures for the to-do functions, which run in this process with emulated services."""

import pytest

from local.emulator.process import Emulator

from .todo_world import TodoWorld


@pytest.fixture
def todo(emulator: Emulator) -> TodoWorld:
    """A separate to-do system for each test."""
    return TodoWorld(emulator)


@pytest.fixture(scope="module")
def shared(emulator: Emulator) -> TodoWorld:
    """One to-do system for the tests of a module that leave nothing in it."""
    return TodoWorld(emulator)
