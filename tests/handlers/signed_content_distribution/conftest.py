"""Fixtures for the video functions, which run in this process with emulated services."""

import pytest

from local.emulator.process import Emulator

from .videos_world import VideosWorld


@pytest.fixture
def videos(emulator: Emulator) -> VideosWorld:
    """A separate video system for each test."""
    return VideosWorld(emulator)
