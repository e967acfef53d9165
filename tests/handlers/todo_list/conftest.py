"""The to-do system's functions run in this process, on a real (emulated) table and bucket."""

import pytest

from local.emulator.process import Emulator

from .todo_world import TodoWorld


@pytest.fixture
def todo(emulator: Emulator) -> TodoWorld:
    """A to-do system of the test's own."""
    return TodoWorld(emulator)


@pytest.fixture(scope="module")
def shared(emulator: Emulator) -> TodoWorld:
    """One to-do system for all tests of a module: those that leave nothing in it."""
    return TodoWorld(emulator)
