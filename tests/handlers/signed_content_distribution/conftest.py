"""The video system's functions run in this process, on real (emulated) tables, keys and secrets."""

import pytest

from local.emulator.process import Emulator

from .videos_world import VideosWorld


@pytest.fixture
def videos(emulator: Emulator) -> VideosWorld:
    """A video system of the test's own."""
    return VideosWorld(emulator)
