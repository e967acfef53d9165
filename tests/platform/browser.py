"""A headless Chromium for the tests of pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PHONE = {"width": 360, "height": 740}
"""The window of a small phone."""


@contextmanager
def chromium(what: str, *flags: str) -> Iterator[Browser]:
    """The browser, closed after the block. Skips the tests of `what` if there is none."""
    if not CHROMIUM:
        pytest.skip(f"no Chromium, so {what} untested: apt-get install chromium")
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield browser
        browser.close()
