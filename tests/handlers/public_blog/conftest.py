"""The blog's functions run in this process, on a real (emulated) table and mailbox."""

import pytest

from local.emulator.process import Emulator

from .blog_world import BlogWorld


@pytest.fixture
def blog(emulator: Emulator) -> BlogWorld:
    """A blog of the test's own."""
    return BlogWorld(emulator)
