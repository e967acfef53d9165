"""Checks of the blog: its page, a post, a welcome mail, and a photo with its thumbnails."""

import json
import os
import sys
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any

from tools.posts import Post

from . import page
from .checks import ByHand, Check, Clock, Failed, SystemChecks
from .deployment import Deployment
from .web import call, send, submit

_ROOT = Path(__file__).resolve().parents[2]
# The modules that the functions themselves use.
sys.path.insert(0, str(_ROOT / "handlers/libraries"))
from photo_names import FAILURES, GALLERY, HELD, MARKS, PHOTOS  # noqa: E402
from subscribers import ACTIVE, id_of, mailbox_of  # noqa: E402

PICTURE = _ROOT / "docs/blog.png"
_IMAGES = "img/"


class Blog(SystemChecks):
    """The checks of the system `blog`."""

    name = "blog"

    def __init__(self, deployed: Deployment, clock: Clock) -> None:
        super().__init__(clock)
        self._deployed = deployed
        # SES accepts mails to its simulator even in the sandbox, and delivers them to nobody.
        # https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
        self._address = f"success+{deployed.run}@simulator.amazonses.com"
        self._photo: dict[str, Any] = {}

    def checks(self) -> Sequence[Check]:
        """Return the checks, in order."""
        return [
            Check("the page has its security headers", self._page),
            Check("a post is served by the API and by the page", self._post, 150),
            Check("a reader asks to subscribe", self._ask),
            Check("the reader confirms", self._subscribe, 180, after=self._ask),
            Check("one welcome mail is sent", self._welcome, 180, after=self._subscribe),
            Check("a photo is uploaded with a signed form", self._upload),
            Check("its thumbnails are served by the page", self._thumbnails, 180, self._upload),
        ]

    def _page(self) -> str:
        page.opens(f"{self._deployed['siteUrl']}/en/")
        return self._deployed["siteUrl"]

    def _post(self) -> None:
        slug, today = self._deployed.run, datetime.now(UTC).date().isoformat()
        post = Post(slug, "en", "A smoke test", "It is removed at once.", today, "Hello")
        for item in post.items:
            key = {name: item[name] for name in ("pk", "sk")}
            self.remove_later(f"post {slug}", partial(self._deployed.delete_row, "table", key))
            self._deployed.client("dynamodb").put_item(TableName=self._deployed["table"], Item=item)
        for api in (self._deployed["apiUrl"], f"{self._deployed['siteUrl']}/api"):
            found = call(f"{api}/posts/{slug}?language=en").expect(200).json
            if found["title"] != post.title:
                raise Failed(f"{api} has another post")

        def listed() -> bool:
            answer = call(f"{self._deployed['apiUrl']}/posts?language=en").expect(200)
            return slug in [each["slug"] for each in answer.json["items"]]

        self.clock.until(listed, "the post in the list, which is cached for a minute", 2)
        page.opens(f"{self._deployed['siteUrl']}/en/posts/{slug}")

    def _ask(self) -> None:
        for partition in (self._partition, self._mailbox_partition):
            self.remove_later(
                f"{partition} of {self._address}",
                partial(self._deployed.delete_rows, "table", "sk", pk=partition),
            )
        send(f"{self._deployed['apiUrl']}/subscriptions", {"email": self._address}).expect(202)
        if self._item("subscriber"):
            raise Failed("the reader is subscribed without a confirmation")

    def _subscribe(self) -> None:
        """Confirm with the token in the table, as nobody reads the mailbox of the simulator."""
        rows = self._deployed.rows("table", pk=self._mailbox_partition)
        token = next(row["token"]["S"] for row in rows if row["sk"] == {"S": "request"})
        if self._deployed.local:
            self.clock.until(self._mailbox, "the confirmation mail")
        path = f"{self._mailbox_partition.partition('#')[2]}/confirm?token={token}"
        send(f"{self._deployed['apiUrl']}/subscriptions/{path}", {}).expect(200)
        if self._item("subscriber").get("status") != {"S": ACTIVE}:
            raise Failed("the subscriber is not active")

    def _welcome(self) -> str:
        if not self._deployed.local:
            self._require_sender()

        def outcome() -> str:
            return str(self._item("welcome").get("outcome", {}).get("S", ""))

        if self.clock.until(outcome, "SES to accept the mail") != "sent":
            raise Failed("SES refused the mail")
        if self._deployed.local:
            subjects = self._mailbox()
            if len(subjects) != 2:
                raise Failed(f"{len(subjects)} mails arrived")
            return f"mail: {subjects[1]}"
        return f"SES accepted it for {self._address}; nobody reads that mailbox"

    def _upload(self) -> None:
        content = PICTURE.read_bytes()
        url = f"{self._deployed['siteUrl']}/api/photos"
        self._photo = send(url, {"contentType": "image/png"}).expect(201).json
        photo, key = self._photo["photoId"], self._photo["fields"]["key"]
        # The upload first: a deleted upload gets no new thumbnails.
        self.remove_later(f"thumbnails of photo {photo}", self._remove_images)
        self.remove_later(
            f"upload {key}", lambda: self._deployed.delete_objects("uploadsBucket", key)
        )
        submit(self._photo, PICTURE.name, content).expect(200, 201, 204)

    def _thumbnails(self) -> str:
        url = f"{self._deployed['siteUrl']}/api/photos/{self._photo['photoId']}"

        def processed() -> dict[str, Any] | None:
            found: dict[str, Any] = call(url).expect(200).json
            return found if found["status"] != "waiting" else None

        state = self.clock.until(processed, "the thumbnails", 1)
        if state["status"] != "ready":
            raise Failed(f"{state.get('code')}: {state.get('message')}")
        thumbnails = state["photo"]["thumbnails"]
        for each in thumbnails:
            answer = call(f"{self._deployed['siteUrl']}{each['path']}").expect(200)
            if answer.headers["content-type"] != each["type"]:
                raise Failed(f"{answer.request}: {answer.headers['content-type']}")
        return f"{len(thumbnails)} thumbnails"

    @property
    def _partition(self) -> str:
        return f"subscriber#{id_of(self._address)}"

    @property
    def _mailbox_partition(self) -> str:
        return f"subscriber#{mailbox_of(self._address)}"

    def _item(self, sort: str) -> dict[str, Any]:
        rows = self._deployed.rows("table", pk=self._partition)
        return next((row for row in rows if row["sk"] == {"S": sort}), {})

    def _require_sender(self) -> None:
        """Stop here if SES must not send for the blog yet, which only a person can change."""
        function = self._deployed.client("lambda").get_function_configuration(
            FunctionName=self._deployed["sweeperFunction"]
        )
        _, sender = parseaddr(function["Environment"]["Variables"]["FROM_ADDRESS"])
        ses = self._deployed.client("sesv2")
        for identity in (sender, sender.rpartition("@")[2]):
            try:
                if ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"]:
                    return
            except ses.exceptions.NotFoundException:
                continue
        raise ByHand(f"open the link that SES mailed to {sender}, then run this again")

    def _mailbox(self) -> list[str]:
        """Return the subjects of the mails to the subscriber on the embedded cloud."""
        with urllib.request.urlopen(os.environ["COLONNADE_MAILS"]) as answer:
            accounts = json.load(answer)["messages"].values()
        mails = [mail for account in accounts for mail in account]
        return [mail["Subject"] for mail in mails if mail["To"] == [self._address]]

    def _remove_images(self) -> None:
        photo = self._photo["photoId"]
        entries = self._deployed.objects("imagesBucket", GALLERY)
        mine = [each["Key"] for each in entries if f"-{photo}-" in each["Key"]]
        states = [f"{folder}{photo}.json" for folder in (PHOTOS, FAILURES, HELD)]
        for prefix in (*mine, *states, f"{_IMAGES}{photo}/", f"{MARKS}{photo}/"):
            self._deployed.delete_objects("imagesBucket", prefix)
