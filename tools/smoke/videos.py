"""Checks of the paid films: a purchase, a signed link that plays, and its end."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from local.people import User

from .checks import Check, Clock, Failed, SystemChecks
from .deployment import Deployment
from .web import Answer, call, send

_FILM = b"0123456789abcdef" * 64
_SECONDS = (5, 60, 600)
"""Validities of a link to try, as the shortest one is a setting."""
_NO_SECRET = " "
"""A value that the function takes for none. AWS does not remove the last value of a secret."""


class Videos(SystemChecks):
    """The checks of the system `videos`."""

    name = "videos"

    def __init__(self, deployed: Deployment, clock: Clock) -> None:
        super().__init__(clock)
        self._deployed = deployed
        self._item = deployed.run
        self._path = f"{self._item}/film.txt"
        self._user: User
        self._link = ""
        self._seconds = 0

    def checks(self) -> Sequence[Check]:
        """Return the checks, in order."""
        return [
            Check("the content is refused without a signature", self._unsigned),
            Check("a user signs in by SRP", self._sign_in),
            Check("a user who has not bought gets no link", self._not_bought, after=self._sign_in),
            Check("the shop registers a purchase", self._buy, 120, after=self._not_bought),
            Check("a signed link plays, also a range", self._play, after=self._buy),
            Check("the link ends", self._end, max(_SECONDS) + 60, after=self._play),
        ]

    def _unsigned(self) -> None:
        self.remove_later(
            f"content {self._path}",
            lambda: self._deployed.delete_objects("contentBucket", f"{self._item}/"),
        )
        self._deployed.client("s3").put_object(
            Bucket=self._deployed["contentBucket"], Key=self._path, Body=_FILM
        )
        call(f"{self._deployed['siteUrl']}/{self._path}").expect(403)

    def _sign_in(self) -> None:
        self._user = self._deployed.sign_in(self.remove_later)

    def _not_bought(self) -> None:
        send(f"{self._deployed['apiUrl']}/links", {"path": self._path}).expect(401)
        self._ask(_SECONDS[-1]).expect(403)

    def _buy(self) -> None:
        for table, sort in (("entitlementsTable", "grant"), ("auditTable", "issuedAt")):
            self.remove_later(
                f"rows of user {self._user.sub} in {table}",
                partial(self._deployed.delete_rows, table, sort, userId=self._user.sub),
            )
        key = self._webhook_key()

        def accepted() -> bool:
            # The function reads a new secret within a minute.
            return self._register(key).status not in (401, 503)

        self.clock.until(accepted, "the function to read the secret", 2)
        self._register(key).expect(200)

    def _play(self) -> str:
        for seconds in _SECONDS:
            answer = self._ask(seconds)
            if answer.status != 400:
                self._link, self._seconds = answer.expect(201).json["url"], seconds
                break
        else:
            answer.expect(201)
        if call(self._link).expect(200).body != _FILM:
            raise Failed("the link plays another film")
        part = call(self._link, range="bytes=16-31").expect(206)
        if part.body != _FILM[16:32]:
            raise Failed("the range has other bytes")
        return f"for {self._seconds} s"

    def _end(self) -> None:
        self.clock.until(lambda: call(self._link).status == 403, "the end of the link", 1)

    def _ask(self, seconds: int) -> Answer:
        return send(
            f"{self._deployed['apiUrl']}/links",
            {"path": self._path, "seconds": seconds},
            authorization=f"Bearer {self._user.access_token}",
        )

    def _webhook_key(self) -> bytes:
        """Return the key of the shop. If there is none yet, set one for the time of this run."""
        client, arn = self._deployed.client("secretsmanager"), self._deployed["webhookSecret"]
        try:
            found = client.get_secret_value(SecretId=arn).get("SecretString", "").split()
        except client.exceptions.ResourceNotFoundException:
            found = []
        if found:
            return base64.b64decode(found[0].removeprefix("whsec_"))
        key = secrets.token_bytes(24)
        self.remove_later(
            "value of webhookSecret",
            lambda: client.put_secret_value(SecretId=arn, SecretString=_NO_SECRET),
        )
        value = f"whsec_{base64.b64encode(key).decode()}"
        client.put_secret_value(SecretId=arn, SecretString=value)
        return key

    def _register(self, key: bytes) -> Answer:
        """Send the event of a purchase, signed as the shop signs.

        https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
        """
        event: dict[str, Any] = {
            "type": "granted",
            "purchaseId": self._deployed.run,
            "userId": self._user.sub,
            "item": self._item,
            "occurredAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        body, moment = json.dumps(event), str(int(time.time()))
        signed = f"{self._deployed.run}.{moment}.{body}".encode()
        signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return call(
            f"{self._deployed['apiUrl']}/registrations",
            "POST",
            body.encode(),
            content_type="application/json",
            webhook_id=self._deployed.run,
            webhook_timestamp=moment,
            webhook_signature=f"v1,{signature}",
        )
