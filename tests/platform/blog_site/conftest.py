"""`visit`: a browser with the size of a small phone, on a page of the running blog."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from local.cloud import Cloud
from tools.posts import POSTS, read_posts, write_posts

from ..browser import PHONE, chromium

Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def blog() -> Iterator[Cloud]:
    with Cloud(systems=["blog"]) as cloud:
        table = cloud.outputs["blog"]["table"]
        write_posts(cloud.client("dynamodb"), table, read_posts(POSTS))
        yield cloud


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium("the blog's pages are") as running:
        yield running


@pytest.fixture
def visit(browser: Browser, blog: Cloud) -> Iterator[Visit]:
    """`visit(path, language)` opens a page. Errors in the browser fail the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(path: str, language: str = "en-GB", refused: bool = False) -> Page:
        contexts.append(browser.new_context(viewport=PHONE, locale=language))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        expect.set_options(timeout=20_000)
        if not refused:
            page.on("console", lambda said: _keep(complaints, said))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(blog.outputs["blog"]["siteUrl"] + path)
        return page

    yield open_page
    for each in contexts:
        each.close()
    assert not complaints


def _keep(complaints: list[str], said: Any) -> None:
    if said.type in ("error", "warning"):
        complaints.append(f"{said.text} ({said.location.get('url', '')})")
