"""Fixtures for the function, which runs in this process with emulated services."""

import pytest

from local.emulator.process import Emulator

from .world import PhotoWorld


@pytest.fixture
def photos(emulator: Emulator) -> PhotoWorld:
    """Separate buckets for each test."""
    return PhotoWorld(emulator)
