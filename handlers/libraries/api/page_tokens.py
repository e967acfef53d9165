"""Page tokens: where a list goes on, in a form that callers only hand back.

A token is bound to one user and one query, so that a mixed-up one is refused. It is not signed: it
holds the end of a page and never whose list it is, so a forged one can only skip about in the
caller's own list.
"""

import base64
import hashlib
import json
from typing import Any

from .refusal import Refusal

_LONGEST = 4096


def bind(after: dict[str, str], user: str, query: str) -> str:
    """Make the token of the page that starts after an entry.

    Args:
        after: what names the entry.
        user: whose list it is.
        query: what the list holds, such as `todos open`.
    """
    content = json.dumps({"for": _digest(user, query), "after": after}, separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def unbind(token: str | None, user: str, query: str) -> dict[str, str] | None:
    """Read a token; None stands for the first page.

    Raises:
        Refusal: 400, it is not one that `bind` made for this user and query.
    """
    if token is None:
        return None
    content = _content(token)
    after = content.get("after") if isinstance(content, dict) else None
    if not isinstance(after, dict) or content.get("for") != _digest(user, query):
        raise bad_token()
    if not all(isinstance(value, str) for value in after.values()):
        raise bad_token()
    return after


def bad_token() -> Refusal:
    """The refusal of a token that is none of this list."""
    return Refusal(400, "next", "is not from a page of this list")


def _content(token: str) -> Any:
    if len(token) > _LONGEST:
        raise bad_token()
    try:
        return json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
    except (ValueError, RecursionError):  # not Base64, not UTF-8, not JSON
        raise bad_token() from None


def _digest(user: str, query: str) -> str:
    return hashlib.sha256(json.dumps([user, query]).encode()).hexdigest()[:16]
