"""Page tokens: the start of the next page, in an opaque form.

A token is bound to one user and one query, so that a token of another list is refused. It is not
signed: it contains the end of a page but not the user, so a forged token can only select another
page of the caller's own list.
"""

import base64
import hashlib
import json
from typing import Any

from .refusal import Refusal

_MAX_TOKEN_LENGTH = 4096


def bind(after: dict[str, str], user: str, query: str) -> str:
    """Return the token of the page that starts after an entry.

    Args:
        after: keys of the entry.
        user: ID of the user whose list it is.
        query: name of the list, such as `todos open`.
    """
    content = json.dumps({"for": _digest(user, query), "after": after}, separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def unbind(token: str | None, user: str, query: str) -> dict[str, str] | None:
    """Return the keys in a token; None for the first page, without a token.

    Raises:
        Refusal: 400, `bind` did not create it for this user and query.
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
    """Return the error for a token of another list."""
    return Refusal(400, "next", "is not from a page of this list")


def _content(token: str) -> Any:
    if len(token) > _MAX_TOKEN_LENGTH:
        raise bad_token()
    try:
        return json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
    except (ValueError, RecursionError):  # not Base64, not UTF-8, not JSON
        raise bad_token() from None


def _digest(user: str, query: str) -> str:
    return hashlib.sha256(json.dumps([user, query]).encode()).hexdigest()[:16]
