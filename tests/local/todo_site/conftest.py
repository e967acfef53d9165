"""`window`: a browser on the to-do page. `signed_in`: the same, with a new user in it."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.cloud import Cloud
from local.sites import Sites

from .window import PHONE, Site, Window

CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://localhost:{probe.getsockname()[1]}"
    with Cloud(systems=["todo"], overrides={"todoSiteUrl": url}) as cloud:
        sites = Sites(ROOT / "site")
        sites.start(cloud.outputs)
        yield Site(cloud, url)
        sites.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium, so the web client is untested: apt-get install chromium")
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def window(browser, site) -> Iterator[Window]:
    """A browser as small as a small phone, without cookies or anything else kept."""
    context = browser.new_context(viewport=PHONE, timezone_id="Europe/Berlin")
    yield Window(context.new_page(), site)
    context.close()


@pytest.fixture
def signed_in(window, site, request) -> Window:
    """A new user, signed in."""
    email = site.add_user(f"{request.node.originalname.removeprefix('test_')[:40]}@example.com")
    return window.open().sign_in(email).arrived()
