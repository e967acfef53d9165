"""Checks of request bodies. The limits are those of `apis/videos.yaml`."""

import ipaddress
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from api import Members, Refusal, Request

from .paths import ContentPath, content_path
from .settings import LinkSettings

__all__ = ["Wanted", "wanted_file", "wanted_folder"]

_MAX_START_DELAY = 24 * 3600
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
_TERMS = ("seconds", "startsAt", "bindAddress")


@dataclass(frozen=True)
class Wanted:
    """A requested link. Times are Unix seconds."""

    path: ContentPath
    starts: int | None
    expires: int
    address: str | None
    query: str = ""
    """Query string of the URL before it is signed."""


def wanted_file(request: Request, settings: LinkSettings, now: float) -> Wanted:
    """Read the body of createLink."""
    members = Members(request.body(), ("path",), (*_TERMS, "downloadName"))
    path = content_path("path", members.text("path", 1024, min_length=3))
    wanted = _wanted(path, members, request, settings, now)
    if "downloadName" not in members:
        return wanted
    return replace(wanted, query=_download(members.text("downloadName", 255, 1)))


def wanted_folder(request: Request, settings: LinkSettings, now: float) -> Wanted:
    """Read the body of createPass."""
    members = Members(request.body(), ("folder",), _TERMS)
    path = content_path("folder", members.text("folder", 1024, min_length=1), folder=True)
    return _wanted(path, members, request, settings, now)


def _wanted(
    path: ContentPath,
    members: Members,
    request: Request,
    settings: LinkSettings,
    now: float,
) -> Wanted:
    seconds = settings.default_seconds
    if "seconds" in members:
        seconds = members.integer("seconds", settings.min_seconds, settings.max_seconds)
    starts = _start(members, now) if "startsAt" in members else None
    bound = "bindAddress" in members and members.boolean("bindAddress")
    address = _address(request) if bound else None
    return Wanted(path, starts, (starts or int(now)) + seconds, address)


def _start(members: Members, now: float) -> int | None:
    """Return the start time; None if it is in the past, so that clock differences do not matter."""
    problem = Refusal(400, "startsAt", "must be a time such as 2027-01-31T17:00:00Z")
    text: Any = members.text("startsAt", 35)
    if not _TIME.fullmatch(text):
        raise problem
    try:
        starts = int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):  # there is no such day
        raise problem from None
    if starts > now + _MAX_START_DELAY:
        raise Refusal(400, "startsAt", "must be within a day")
    return starts if starts > now else None


def _address(request: Request) -> str:
    if request.header("X-Amz-Cf-Id"):
        # Each request of CloudFront has it. The address is that of an edge location, and another
        # header with the viewer's address could be forged at the API's own host.
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
        message = "is not possible by way of CloudFront: use the API's own address"
        raise Refusal(400, "bindAddress", message)
    try:
        return str(ipaddress.IPv4Address(request.address))
    except ValueError:
        message = "requires that you use IPv4: CloudFront restricts links to IPv4 addresses only"
        raise Refusal(400, "bindAddress", message) from None


def _download(name: str) -> str:
    """Return the query string that makes S3 send Content-Disposition with a file name.

    https://www.rfc-editor.org/rfc/rfc6266
    """
    if any(not each.isprintable() or each in '/\\"' for each in name):
        message = "must not have slashes, quotes or control characters"
        raise Refusal(400, "downloadName", message)
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return f"response-content-disposition={quote(disposition, safe='')}"
