"""The function runs in this process, on real (emulated) buckets."""

import pytest

from local.emulator.process import Emulator

from .world import PhotoWorld


@pytest.fixture
def photos(emulator: Emulator) -> PhotoWorld:
    """Buckets of the test's own."""
    return PhotoWorld(emulator)
