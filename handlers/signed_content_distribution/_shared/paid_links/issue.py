"""Issues links."""

import dataclasses
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from api import Refusal, Request, Response, utc_text
from botocore.exceptions import ClientError

from ..cloudfront_links import Grant, Links, Terms, with_query
from ..entitlements import Rights
from .audit import Audit
from .bodies import Wanted, wanted_file, wanted_folder
from .metrics import ISSUED, REFUSED, THROTTLED, count
from .settings import LinkSettings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)

Signed = TypeVar("Signed")

_THROTTLED = ("LimitExceededException", "ThrottlingException")


class Issuing:
    """Issues links to the content of one distribution."""

    def __init__(
        self,
        settings: LinkSettings,
        dynamodb: "DynamoDBClient",
        links: Links,
        clock: Callable[[], float],
    ) -> None:
        """Use one distribution.

        Args:
            settings: see `LinkSettings`.
            dynamodb: a DynamoDB client.
            links: signs links.
            clock: returns the time in Unix seconds.
        """
        self._settings = settings
        self._rights = Rights(settings.entitlements_table, dynamodb)
        self._audit = Audit(settings.audit_table, settings.audit_retention_days, dynamodb)
        self._links = links
        self._clock = clock

    def link(self, request: Request) -> Response:
        """Return a signed URL of one file."""
        user, now = request.user, self._clock()
        wanted = self._entitled(user, "path", wanted_file(request, self._settings, now), now)
        url = f"{self._settings.content_url}/{wanted.path.encoded}"
        url = with_query(url, wanted.query) if wanted.query else url
        signed = self._sign(lambda: self._links.url(url, _terms(wanted)))
        self._issued(user, "file", wanted, now)
        return Response(201, {"url": signed, **_times(wanted)})

    def folder_pass(self, request: Request) -> Response:
        """Return cookies, and one query string, for all files of a folder."""
        user, now = request.user, self._clock()
        wanted = self._entitled(user, "folder", wanted_folder(request, self._settings, now), now)
        path = f"/{wanted.path.encoded}/"
        base = self._settings.content_url + path
        grant = self._sign(lambda: self._links.grant(f"{base}*", _terms(wanted)))
        self._issued(user, "folder", wanted, now)
        body = {"baseUrl": base, "cookies": grant.cookies, "query": grant.query, **_times(wanted)}
        return Response(201, body, cookies=self._set_cookies(grant, path))

    def _entitled(self, user: str, field: str, wanted: Wanted, now: float) -> Wanted:
        """Return the requested link, limited to the time of the user's right.

        Raises:
            Refusal: 403, the user has no right, or it ends before the link starts.
        """
        ends = self._rights.until(user, wanted.path.item, now, wanted.expires)
        expires = int(min(wanted.expires, ends or 0))
        if expires <= (wanted.starts or now):
            count(REFUSED, self._settings.entitlements_table)
            logger.info("not entitled", extra={"user": user, "item": wanted.path.item})
            raise Refusal(403, field, "is not an item that you own")
        return dataclasses.replace(wanted, expires=expires)

    def _sign(self, sign: Callable[[], Signed]) -> Signed:
        try:
            return sign()
        except ClientError as error:
            if error.response["Error"]["Code"] in _THROTTLED:
                count(THROTTLED, self._settings.entitlements_table)
            raise

    def _issued(self, user: str, kind: str, wanted: Wanted, now: float) -> None:
        self._audit.record(user, kind, wanted, self._links.key_id, now)
        count(ISSUED, self._settings.entitlements_table)

    def _set_cookies(self, grant: Grant, path: str) -> list[str]:
        """Return `Set-Cookie` values if this API and the content share a domain.

        They are session cookies, without Max-Age: their policy limits their lifetime.
        """
        domain = self._settings.cookie_domain
        if not domain:
            return []
        scope = f"Domain={domain}; Path={path}; Secure; HttpOnly; SameSite=Lax"
        return [f"{name}={value}; {scope}" for name, value in grant.cookies.items()]


def _terms(wanted: Wanted) -> Terms:
    return Terms(wanted.expires, wanted.starts, wanted.address)


def _times(wanted: Wanted) -> dict[str, str]:
    times = {"expiresAt": wanted.expires, "startsAt": wanted.starts}
    return {
        name: utc_text(datetime.fromtimestamp(moment, UTC))
        for name, moment in times.items()
        if moment is not None
    }
