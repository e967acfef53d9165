"""`window`: a browser on the to-do page. `signed_in`: the same with a new user."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from local.cloud import Cloud
from local.sites import Sites
from tests.projects import free_port

from ..browser import PHONE, chromium
from .window import Site, Window

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    url = f"http://localhost:{free_port()}"
    with Cloud(systems=["todo"], overrides={"todoSiteUrl": url}) as cloud:
        sites = Sites(ROOT / "site")
        sites.start(cloud.outputs)
        yield Site(cloud, url)
        sites.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium("the web client is") as running:
        yield running


@pytest.fixture
def window(browser, site) -> Iterator[Window]:
    """A browser with the size of a small phone, without cookies or stored data."""
    context = browser.new_context(viewport=PHONE, timezone_id="Europe/Berlin")
    yield Window(context.new_page(), site)
    context.close()


@pytest.fixture
def signed_in(window, site, request) -> Window:
    """A new user, signed in."""
    email = site.add_user(f"{request.node.originalname.removeprefix('test_')[:40]}@example.com")
    return window.open().sign_in(email).arrived()
