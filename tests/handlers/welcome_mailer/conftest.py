"""Fixtures for the mailer's functions, which run in this process with emulated services."""

import pytest

from local.emulator.process import Emulator

from ..public_blog.blog_world import BlogWorld


@pytest.fixture
def blog(emulator: Emulator) -> BlogWorld:
    """A separate blog for each test."""
    return BlogWorld(emulator)
