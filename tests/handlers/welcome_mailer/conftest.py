"""The mailer's functions run in this process, on the blog's (emulated) table and mailbox."""

import pytest

from local.emulator.process import Emulator

from ..public_blog.blog_world import BlogWorld


@pytest.fixture
def blog(emulator: Emulator) -> BlogWorld:
    """A blog of the test's own."""
    return BlogWorld(emulator)
