"""The web client of the to-do API, used in a real browser against the embedded AWS.

`SCREENSHOT=1` also writes docs/todo.png. Without Chromium every test here is skipped.
"""

import json
import os
import re
import shutil
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.sites import Sites

browsers = pytest.importorskip(
    "playwright.sync_api", reason="no Playwright: pip install playwright"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium, so the web client is untested: apt-get install chromium"
)

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PHONE = {"width": 360, "height": 740}
PASSWORD = "Correct-horse-1"
expect = browsers.expect


@dataclass(frozen=True)
class Site:
    """The running system and the address of its page."""

    cloud: Cloud
    url: str

    @property
    def outputs(self) -> dict[str, str]:
        return self.cloud.outputs["todo"]

    def add_user(self, email: str) -> str:
        """A user who has confirmed the address."""
        users = self.cloud.client("cognito-idp")
        pool = self.outputs["userPoolId"]
        users.sign_up(
            ClientId=self.outputs["userPoolClientId"],
            Username=email,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": email}],
        )
        users.admin_confirm_sign_up(UserPoolId=pool, Username=email)
        return email

    def code_for(self, email: str) -> str:
        with urllib.request.urlopen(f"{self.cloud.endpoint}/_ministack/ses/messages") as answer:
            found = json.load(answer)["messages"]
        [mail] = [each for mails in found.values() for each in mails if email in each["To"]]
        return re.search(r"\d{6}", mail["BodyText"])[0]

    def token_endpoint(self, **form: str) -> int:
        body = urllib.parse.urlencode({"client_id": self.outputs["userPoolClientId"], **form})
        try:
            url = f"{self.cloud.endpoint}/oauth2/token"
            with urllib.request.urlopen(url, body.encode()) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


class Window:
    """One page in a browser of its own, and what a user does there."""

    def __init__(self, page: Any, site: Site) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        page.set_default_timeout(15_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def open(self) -> "Window":
        self.page.goto(self.site.url)
        return self

    def sign_in(self, email: str, password: str = PASSWORD) -> "Window":
        self.button("Sign in").click()
        self.page.get_by_label("Username").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.button("Sign in").click()
        return self

    def arrived(self) -> "Window":
        """Wait until both lists are there."""
        for name in ("todos", "files"):
            expect(self.page.locator(f"#{name}[aria-busy=false]")).to_be_attached()
        return self

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def todo(self, title: str) -> Any:
        return self.page.get_by_role("checkbox", name=title, exact=True)

    def due(self, title: str) -> Any:
        return self.page.get_by_label(f"Due date of {title}", exact=True)

    def titles(self) -> list[str]:
        return self.page.locator("#todos .title").all_inner_texts()

    def add(self, title: str, due: str = "") -> None:
        self.page.get_by_label("What is to be done").fill(title)
        self.page.get_by_label("Due (optional)").fill(due)
        self.button("Add").click()

    def says(self, text: str) -> None:
        expect(self.page.get_by_role("status")).to_have_text(text)

    def warns(self, text: str) -> None:
        expect(self.page.get_by_role("alert")).to_have_text(text)

    def tokens(self) -> dict[str, Any]:
        return json.loads(self.page.evaluate("sessionStorage.getItem('todo.tokens')"))

    def set_tokens(self, **changes: Any) -> None:
        text = json.dumps({**self.tokens(), **changes})
        self.page.evaluate("text => sessionStorage.setItem('todo.tokens', text)", text)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The API, as this user, behind the page's back."""
        request = urllib.request.Request(
            self.site.outputs["apiUrl"] + path,
            json.dumps(body).encode() if body is not None else None,
            {
                "Authorization": f"Bearer {self.tokens()['access']}",
                "Content-Type": "application/json",
                **headers,
            },
            method=method,
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def drop(self, file: Path) -> None:
        """Drag a file of this machine onto the page and let go."""
        devtools = self.page.context.new_cdp_session(self.page)
        zone = self.page.locator("#drop")
        zone.scroll_into_view_if_needed()
        box = zone.bounding_box()
        where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
        data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            devtools.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://localhost:{probe.getsockname()[1]}"
    with Cloud(systems=["todo"], overrides={"todoSiteUrl": url}) as cloud:
        sites = Sites(ROOT / "site")
        sites.start(cloud.outputs, cloud.endpoint)
        yield Site(cloud, url)
        sites.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsers.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


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


def fits(window: Window) -> bool:
    return window.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_from_a_new_account_to_signing_out(window, tmp_path):
    sign_up(window, "ada@example.com")
    keep_todos(window)
    keep_a_file(window, write(tmp_path / "ünï & code.txt", b"all of it"))
    sign_out(window)
    assert window.complaints == []


def sign_up(window: Window, email: str) -> None:
    page = window.open().page
    assert fits(window)
    window.button("Create an account").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    window.button("Sign up").click()
    page.get_by_label("Code from the mail").fill(window.site.code_for(email))
    window.button("Confirm your account").click()
    window.arrived()
    assert page.url == f"{window.site.url}/"  # no code or state in it
    expect(page.locator("#user")).to_have_text(email)
    expect(page.locator("#todos-none")).to_be_visible()


def keep_todos(window: Window) -> None:
    markup = "<img src=x onerror=alert(1)>" + "W" * 100
    window.add(markup)
    window.says(f"Added: {markup}")
    window.add("Buy tea", "2027-01-31T18:00")
    window.says("Added: Buy tea")
    assert window.titles() == ["Buy tea", markup] and fits(window)
    window.todo("Buy tea").click()
    window.says("Saved: Buy tea")
    window.due("Buy tea").fill("2027-02-01T09:30")
    window.button("Save the due date of Buy tea").click()
    expect(window.button("Save the due date of Buy tea")).to_be_hidden()
    [tea] = [each for each in window.call("GET", "/todos")["items"] if each["title"] == "Buy tea"]
    assert tea["done"] is True and tea["dueAt"] == "2027-02-01T08:30:00.000Z"

    window.page.reload()
    window.arrived()
    expect(window.todo("Buy tea")).to_be_checked()
    expect(window.due("Buy tea")).to_have_value("2027-02-01T09:30")
    window.button(f"Delete {markup}").click()
    window.says(f"Deleted: {markup}")
    assert window.titles() == ["Buy tea"]


def keep_a_file(window: Window, file: Path) -> None:
    window.drop(file)
    link = window.page.get_by_role("link", name=file.name)
    expect(link).to_be_visible()
    with window.page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes() == file.read_bytes()
    assert download.value.suggested_filename == file.name
    assert fits(window)
    take_screenshot(window)
    window.page.once("dialog", lambda dialog: dialog.accept())
    window.button(f"Delete {file.name}").click()
    window.says(f"Deleted: {file.name}")
    assert window.call("GET", "/files")["items"] == []


def sign_out(window: Window) -> None:
    token = {"grant_type": "refresh_token", "refresh_token": window.tokens()["refresh"]}
    assert window.site.token_endpoint(**token) == 200
    window.button("Sign out").click()
    expect(window.button("Sign in")).to_be_visible()
    assert window.site.token_endpoint(**token) == 400
    assert window.page.evaluate("sessionStorage.length") == 0
    window.page.go_back()
    expect(window.button("Sign in")).to_be_visible()
    expect(window.page.get_by_text("Buy tea")).to_have_count(0)


def take_screenshot(window: Window) -> None:
    if os.environ.get("SCREENSHOT"):
        window.page.set_viewport_size({"width": 760, "height": 640})
        window.page.evaluate("scrollTo(0, 0)")
        window.page.screenshot(path=ROOT / "docs" / "todo.png")
        window.page.set_viewport_size(PHONE)


def test_keyboard_alone_is_enough(signed_in):
    page, press = signed_in.page, signed_in.page.keyboard.press
    page.get_by_label("What is to be done").focus()
    page.keyboard.type("Water the plants")
    press("Enter")
    signed_in.says("Added: Water the plants")
    todo = signed_in.todo("Water the plants")
    for _ in range(20):
        press("Tab")
        if todo.evaluate("each => each === document.activeElement"):
            break
    press("Space")
    signed_in.says("Saved: Water the plants")
    expect(todo).to_be_checked()
    delete = signed_in.button("Delete Water the plants")
    for _ in range(20):
        press("Tab")
        if delete.evaluate("each => each === document.activeElement"):
            break
    press("Enter")
    signed_in.says("Deleted: Water the plants")
    expect(page.get_by_role("heading", name="To do", exact=True)).to_be_focused()
    assert signed_in.complaints == []


def test_every_control_has_a_name(signed_in, tmp_path):
    signed_in.add("Read", "2027-01-31T18:00")
    signed_in.says("Added: Read")
    signed_in.due("Read").fill("2027-02-01T09:30")
    signed_in.page.set_input_files("#file", write(tmp_path / "notes.txt"))
    signed_in.says("Stored: notes.txt")
    devtools = signed_in.page.context.new_cdp_session(signed_in.page)
    tree = devtools.send("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "checkbox", "combobox", "DateTime", "link", "list", "textbox", "heading")
    named: dict[str, list[str]] = {}
    for node in tree:
        if not node.get("ignored") and node["role"]["value"] in roles:
            named.setdefault(node["role"]["value"], []).append(node["name"]["value"])
    assert set(named) >= {"button", "checkbox", "combobox", "link", "list", "textbox", "heading"}
    assert all(name for names in named.values() for name in names), named
    assert signed_in.page.title() and signed_in.page.locator("html").get_attribute("lang") == "en"


def write(file: Path, content: bytes = b"content") -> Path:
    file.write_bytes(content)
    return file


def test_a_wrong_password_stays_on_the_login_page(window, site):
    email = site.add_user("wrong@example.com")
    window.open().sign_in(email, "Wrong-horse-11")
    expect(window.page.get_by_text("Incorrect username or password.")).to_be_visible()
    assert window.page.url.startswith(site.cloud.endpoint)


def test_users_who_share_a_browser_see_their_own(signed_in, site):
    signed_in.add("Mine")
    signed_in.says("Added: Mine")
    signed_in.button("Sign out").click()
    signed_in.sign_in(site.add_user("next@example.com")).arrived()
    expect(signed_in.page.locator("#user")).to_have_text("next@example.com")
    expect(signed_in.page.locator("#todos-none")).to_be_visible()
    assert signed_in.complaints == []


@pytest.mark.parametrize(
    "answer", ["code=stolen&state=guessed", "code=stolen", "error=denied&state="]
)
def test_an_answer_to_no_sign_in_of_ours_is_refused(window, site, answer):
    asked = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.page.goto(f"{site.url}/?{answer}")
    window.warns("This sign-in was not started here. Please sign in again.")
    expect(window.button("Sign in")).to_be_visible()
    assert not any("/oauth2/" in url for url in asked)
    assert window.page.url == f"{site.url}/"


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ("state", "This sign-in was not started here. Please sign in again."),
        ("nonce", "This sign-in was answered with another one. Please sign in again."),
        ("code_challenge", "You are signed out. Please sign in again."),
    ],
)
def test_what_comes_back_must_belong_to_what_was_asked(window, site, changed, warning):
    email = site.add_user(f"{changed.replace('_', '-')}@example.com")
    another = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # of RFC 7636, appendix B

    def exchange(route):
        route.continue_(
            url=re.sub(rf"\b{changed}=[^&]+", f"{changed}={another}", route.request.url)
        )

    window.page.route("**/oauth2/authorize?*", exchange)
    window.open().sign_in(email)
    window.warns(warning)
    expect(window.button("Sign in")).to_be_visible()
    assert window.page.evaluate("sessionStorage.length") == 0


def test_an_expired_token_is_renewed_once_and_rotates(signed_in, site):
    before, asked = signed_in.tokens(), []
    signed_in.set_tokens(expires=0)
    signed_in.page.on("request", lambda request: asked.append(request.url))
    signed_in.page.reload()
    signed_in.arrived()
    after = signed_in.tokens()
    assert after["access"] != before["access"] and after["refresh"] != before["refresh"]
    assert after["expires"] > before["expires"] - 60_000 and after["email"] == before["email"]
    assert sum("/oauth2/token" in url for url in asked) == 1  # for both lists
    assert signed_in.complaints == []


def test_a_token_that_the_api_refuses_is_renewed(signed_in):
    signed_in.set_tokens(access="forged")
    signed_in.add("Still here")
    signed_in.says("Added: Still here")


def test_a_session_that_is_over_is_said(signed_in):
    signed_in.set_tokens(expires=0, refresh="revoked")
    signed_in.add("Too late")
    signed_in.warns("You are signed out. Please sign in again.")
    expect(signed_in.button("Sign in")).to_be_visible()
    expect(signed_in.page.locator("#signed-in")).to_be_hidden()


def test_long_lists_come_in_pages(signed_in):
    for number in range(23):
        todo = {"title": f"Number {number}", "dueAt": f"2027-01-{number + 1:02}T08:00:00Z"}
        signed_in.call("POST", "/todos", todo, **{"Idempotency-Key": f"{number}"})
    page = signed_in.page
    page.get_by_label("Show").select_option(value="open")
    expect(signed_in.todo("Number 19")).to_be_visible()
    assert signed_in.titles() == [f"Number {number}" for number in range(20)]
    signed_in.button("More to-dos").click()
    expect(signed_in.todo("Number 20")).to_be_focused()
    assert signed_in.titles() == [f"Number {number}" for number in range(23)]
    expect(signed_in.button("More to-dos")).to_be_hidden()
    page.get_by_label("Show").select_option(value="all")
    expect(signed_in.button("More to-dos")).to_be_visible()
    signed_in.button("More to-dos").click()
    expect(page.locator("#todos li")).to_have_count(23)
    assert sorted(signed_in.titles()) == sorted(f"Number {number}" for number in range(23))
    assert signed_in.complaints == []


def test_a_change_from_elsewhere_is_shown_and_not_overwritten(signed_in):
    signed_in.add("Buy tea")
    signed_in.says("Added: Buy tea")
    [todo] = signed_in.call("GET", "/todos")["items"]
    changed = {"title": "Buy coffee", "done": False, "version": todo["version"]}
    signed_in.call("PUT", f"/todos/{todo['todoId']}", changed)
    signed_in.todo("Buy tea").click()
    signed_in.warns("It was changed elsewhere meanwhile. This is how it is now.")
    expect(signed_in.todo("Buy coffee")).not_to_be_checked()
    signed_in.todo("Buy coffee").click()
    signed_in.says("Saved: Buy coffee")
    assert signed_in.call("GET", f"/todos/{todo['todoId']}")["done"] is True


def test_rapid_ticks_are_saved_in_order(signed_in):
    signed_in.add("Twice")
    signed_in.says("Added: Twice")
    for _ in range(3):
        signed_in.todo("Twice").dispatch_event("click")
    signed_in.says("Saved: Twice")
    expect(signed_in.todo("Twice")).to_be_checked()
    expect(signed_in.page.get_by_role("alert")).to_be_empty()


def test_after_a_failure_the_same_to_do_is_made_once(signed_in):
    answers = iter(["abort after", "continue"])

    def lose_the_answer(route):
        if route.request.method == "POST" and next(answers) == "abort after":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    signed_in.page.route("**/todos", lose_the_answer)
    signed_in.add("Once")
    signed_in.warns("The service cannot be reached. Please check the connection and try again.")
    expect(signed_in.page.get_by_label("What is to be done")).to_have_value("Once")
    signed_in.button("Add").click()
    signed_in.says("Added: Once")
    assert [each["title"] for each in signed_in.call("GET", "/todos")["items"]] == ["Once"]


def test_a_file_is_replaced_only_if_one_agrees(signed_in, tmp_path):
    page = signed_in.page
    file = write(tmp_path / "notes.txt", b"first")
    page.set_input_files("#file", file)
    expect(page.get_by_role("link", name="notes.txt")).to_be_visible()
    expect(page.locator("#files .size")).to_have_text("5 bytes")
    write(file, b"second")
    for agree, size in ((False, 5), (True, 6)):
        page.once(
            "dialog", lambda dialog, agree=agree: dialog.accept() if agree else dialog.dismiss()
        )
        page.set_input_files("#file", file)
        expect(page.locator("#files .size")).to_have_text(f"{size} bytes")
        assert signed_in.call("GET", "/files")["items"][0]["size"] == size
    assert signed_in.complaints == []


def test_a_refused_file_is_said_in_words(signed_in, tmp_path):
    signed_in.page.set_input_files("#file", write(tmp_path / "100%41.txt"))
    expect(signed_in.page.get_by_role("alert")).to_contain_text("Name ")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    signed_in.page.set_input_files("#file", tmp_path / "large")
    expect(signed_in.page.get_by_role("alert")).to_contain_text("Size ")
    expect(signed_in.page.locator("#files-none")).to_be_visible()


def test_markup_and_scripts_of_others_do_nothing(window, site):
    page = window.open().page
    with pytest.raises(browsers.Error, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<b>x</b>'")
    page.evaluate(
        "const inline = document.createElement('style');"
        "inline.textContent = 'body { display: none }'; document.head.append(inline)"
    )
    expect(window.button("Sign in")).to_be_visible()
    page.evaluate(
        "const far = document.createElement('img'); far.src = 'https://example.com/x.png';"
        "document.body.append(far)"
    )
    assert any("Content Security Policy" in each for each in window.complaints)


def test_the_other_name_of_this_machine_leads_to_the_right_one(window, site):
    window.page.goto(site.url.replace("localhost", "127.0.0.1"))
    expect(window.button("Sign in")).to_be_visible()
    assert window.page.url == f"{site.url}/"


def test_missing_settings_are_said(window):
    answers: dict[str, Callable[[Any], Any]] = {
        "404": lambda route: route.fulfill(status=404, body="nothing"),
        "down": lambda route: route.abort(),
    }
    for answer in answers.values():
        window.page.route("**/config.json", answer)
        window.open().warns("The settings of this page (config.json) cannot be read.")
