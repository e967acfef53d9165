"""The to-do page in a browser, with the actions of a user and the API behind it."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from local.cloud import Cloud

from ..browser import PHONE

PASSWORD = "Correct-horse-1"


@dataclass(frozen=True)
class Site:
    """The running system and the address of its page."""

    cloud: Cloud
    url: str

    @property
    def outputs(self) -> dict[str, str]:
        return self.cloud.outputs["todo"]

    def add_user(self, email: str) -> str:
        """Create a user with a confirmed address."""
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
        with urllib.request.urlopen(self.cloud.mails) as answer:
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
    """A page in its own browser, with the actions of a user."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        page.set_default_timeout(15_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        about = message.location.get("url", "")
        # The emulator's login page, which is not part of this project, has no icon.
        theirs = about == f"{self.site.cloud.endpoint}/favicon.ico"
        if message.type in ("error", "warning") and not theirs:
            self.complaints.append(f"{message.text} ({about})")

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
        """Wait until both lists are shown."""
        for name in ("todos", "files"):
            expect(self.page.locator(f"#{name}[aria-busy=false]")).to_be_attached()
        return self

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def todo(self, title: str) -> Locator:
        return self.page.get_by_role("checkbox", name=title, exact=True)

    def due(self, title: str) -> Locator:
        return self.page.get_by_label(f"Due date of {title}", exact=True)

    def titles(self) -> list[str]:
        return self.page.locator("#todos .title").all_inner_texts()

    def add(self, title: str, due: str = "") -> None:
        self.page.get_by_label("New to-do").fill(title)
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
        """Call the API as this user, without the page."""
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
        """Drop a local file on the page."""
        devtools = self.page.context.new_cdp_session(self.page)
        zone = self.page.locator("#drop")
        zone.scroll_into_view_if_needed()
        box = zone.bounding_box()
        where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
        data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            devtools.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})

    def fits(self) -> bool:
        """Return whether the page fits the screen of a small phone."""
        return self.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
