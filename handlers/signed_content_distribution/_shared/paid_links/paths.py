"""Paths of content: `<item>/<anything>/<file>`, and what can be sold is an item."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from api import Refusal

__all__ = ["ContentPath", "content_path"]

_LONGEST = 1024  # bytes, of an object's key in S3
_ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half surrogates, line and paragraph ends


@dataclass(frozen=True)
class ContentPath:
    """A path that leads nowhere else, however often it is decoded."""

    item: str
    text: str
    """As people see it, and as the object's key."""

    @property
    def encoded(self) -> str:
        """As it stands in a URL. No wildcard of a policy is left in it: `*` and `?` are encoded."""
        return quote(self.text, safe="/")


def content_path(field: str, text: str, folder: bool = False) -> ContentPath:
    """Check a path.

    Args:
        field: the body's member, for the refusal.
        text: the path, without a slash at its beginning or end.
        folder: whether it may be a whole item.

    Raises:
        Refusal: 400, it could be read differently by someone on the way.
    """
    problem = _problem(text)
    item, *rest = text.split("/")
    if not problem and not _ITEM.fullmatch(item):
        problem = "must begin with an item: letters, digits and . _ -"
    if not problem and not (rest or folder):
        problem = "must be an item, a slash and the name of a file"
    if problem:
        raise Refusal(400, field, problem)
    return ContentPath(item, text)


def _problem(text: str) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "must be Unicode"
    if size > _LONGEST:
        return f"must have at most {_LONGEST} bytes in UTF-8"
    if any(segment in ("", ".", "..") for segment in text.split("/")):
        return "must not have empty segments, . or .."
    if "\\" in text or any(unicodedata.category(each) in _UNSEEN for each in text):
        return "must not have backslashes or control characters"
    if _ENCODED.search(text):
        # Somebody on the way may decode it once more: %2e%2e%2f would become ../
        return "must not look percent-encoded"
    return ""
