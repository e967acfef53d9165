"""A page of another origin, open in a real browser, changes nothing in the embedded cloud."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from local.emulator import Emulator
from tests.emulator.cloud import TRUST
from tests.platform.browser import chromium

EVIL = "evil.example.com"
LOCAL = "--disable-features=LocalNetworkAccessChecks"
"""Without the check of Chromium itself, which other browsers lack."""
ATTACKS = """
async ({ signed, endpoint }) => {
  const tried = [];
  const attempt = async (url, options) => {
    const answer = await fetch(url, options).catch(() => null);
    if (answer && answer.type !== "opaque") tried.push([url, answer.status]);
  };
  const frame = (name) => new Promise((resolve) => {
    const made = document.createElement("iframe");
    made.name = name;
    document.body.append(made);
    const form = document.createElement("form");
    Object.assign(form, { action: signed, method: "post", target: name });
    document.body.append(form);
    made.onload = resolve;
    form.submit();
    setTimeout(resolve, 3000);
  });
  const image = () => new Promise((resolve) => {
    const made = document.createElement("img");
    made.onload = made.onerror = resolve;
    made.src = signed;
  });
  for (const mode of ["no-cors", "cors"]) {
    for (const method of ["GET", "POST"]) {
      await attempt(signed, { mode, method });
      await attempt(`${endpoint}/_ministack/ses/messages`, { mode });
      await attempt(`${endpoint}/_ministack/reset`, { mode, method: "POST" });
      await attempt(signed, { mode, method });
    }
  }
  await frame("target");
  await image();
  return tried;
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # The browser believes a DNS server that gives this machine's address to a foreign name.
    rules = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"
    with chromium("the reach of foreign pages is", rules, "--no-proxy-server", LOCAL) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another program of this machine that serves a page."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text("<!doctype html><title>another origin</title>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def attack(page: Page, emulator: Emulator, endpoint: str) -> tuple[Any, set[str], int]:
    """Return the answers that the page could read, and the roles and queues afterwards."""
    emulator.reset()
    emulator.client("sqs").create_queue(QueueName="kept")
    role = {"RoleName": "stolen", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    signed = emulator.client("iam").generate_presigned_url("create_role", role, HttpMethod="GET")
    signed = signed.replace(emulator.endpoint, endpoint)
    read = page.evaluate(ATTACKS, {"signed": signed, "endpoint": endpoint})
    roles = {each["RoleName"] for each in emulator.client("iam").list_roles()["Roles"]}
    return read, roles, len(emulator.client("sqs").list_queues().get("QueueUrls", []))


def rebound(page: Page, emulator: Emulator) -> str:
    """Open a page of the attacker whose name then becomes the address of this machine."""
    endpoint = f"http://{EVIL}:{emulator.port}"
    html = "<!doctype html><title>rebound</title>"
    page.route(
        f"{endpoint}/start", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    page.goto(f"{endpoint}/start")
    return endpoint


def test_a_page_of_another_origin_changes_and_reads_nothing(page, site, emulator):
    page.goto(site)
    for endpoint in (emulator.endpoint, emulator.endpoint.replace("127.0.0.1", "localhost")):
        read, roles, queues = attack(page, emulator, endpoint)
        assert (read, roles, queues) == ([], set(), 1)


def test_a_page_whose_name_becomes_127_0_0_1_changes_and_reads_nothing(page, emulator):
    read, roles, queues = attack(page, emulator, rebound(page, emulator))
    assert {status for _url, status in read} == {403}
    assert (roles, queues) == (set(), 1)


def test_a_page_that_the_emulator_serves_changes_nothing(page, emulator):
    """An uploaded file has the emulator's own origin."""
    page.route(
        f"{emulator.endpoint}/files/page.html",
        lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
    )
    page.goto(f"{emulator.endpoint}/files/page.html")
    read, roles, queues = attack(page, emulator, emulator.endpoint)
    assert {status for _url, status in read} == {403}
    assert (roles, queues) == (set(), 1)


def test_stock_obeys_each_of_these_pages(page, site):
    with Emulator(unpatched=["administration", "administrator_key", "browser_requests"]) as stock:
        page.goto(site)
        assert attack(page, stock, stock.endpoint)[1:] == ({"stolen"}, 0)
        assert attack(page, stock, rebound(page, stock))[1:] == ({"stolen"}, 0)
