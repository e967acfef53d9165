"""Checks of request bodies. The limits are those of `apis/todo.yaml`."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api import Members, Refusal, utc_text

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_ETAG = re.compile(r'"([1-9][0-9]{0,9})-([0-9]{1,15})"')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Content:
    """The content of a to-do in a request."""

    title: str
    note: str | None
    done: bool
    due_at: str | None
    """In UTC, as it is stored."""


@dataclass(frozen=True)
class Base:
    """The state that an update is based on."""

    version: int
    updated_at: str | None
    """None if the request only has the version."""


def new_todo(body: dict[str, Any]) -> Content:
    """Read the body of createTodo."""
    members = Members(body, ("title",), ("note", "dueAt"))
    return _content(members, done=False)


def change(body: dict[str, Any], if_match: str | None) -> tuple[Content, Base]:
    """Read the body of updateTodo, and the header If-Match."""
    members = Members(body, ("title", "done"), ("note", "dueAt", "version"))
    version = members.integer("version", 1, 10**9) if "version" in members else None
    content = _content(members, members.boolean("done"))
    if if_match is not None:
        return content, _match(if_match, version)
    if version is None:
        raise Refusal(400, "version", "is required when the header If-Match is missing")
    return content, Base(version, None)


def match(if_match: str | None) -> Base | None:
    """Read the header If-Match of deleteTodo; None if it is missing."""
    return None if if_match is None else _match(if_match, None)


def digest(body: dict[str, Any]) -> str:
    """Return the SHA-256 of a body, independent of member order and white space."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _content(members: Members, done: bool) -> Content:
    return Content(
        members.text("title", 200, min_length=1),
        members.text("note", 2000) if "note" in members else None,
        done,
        _due(members.text("dueAt", 35)) if "dueAt" in members else None,
    )


def _due(text: str) -> str:
    problem = Refusal(400, "dueAt", "must be a time such as 2027-01-31T17:00:00Z")
    if not _TIME.fullmatch(text):
        raise problem
    try:
        return utc_text(datetime.fromisoformat(text))
    except (ValueError, OverflowError):  # not a valid day; not in the years 1 to 9999
        raise problem from None


def _match(if_match: str, version: int | None) -> Base:
    found = _ETAG.fullmatch(if_match.strip())
    if not found:
        raise Refusal(400, "If-Match", "must be the ETag of a to-do")
    base = Base(int(found[1]), _time(int(found[2])))
    if version not in (None, base.version):
        raise Refusal(400, "version", "differs from the version in If-Match")
    return base


def _time(milliseconds: int) -> str:
    try:
        return utc_text(_EPOCH + timedelta(milliseconds=milliseconds))
    except OverflowError:
        raise Refusal(400, "If-Match", "must be the ETag of a to-do") from None
