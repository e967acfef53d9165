"""Checks paths of content: `<item>/<folders>/<file>`. Items are what users buy."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from api import Refusal

__all__ = ["ContentPath", "content_path"]

_MAX_BYTES = 1024  # limit of object keys in S3
_ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_INVISIBLE = {
    "Cc",
    "Cs",
    "Zl",
    "Zp",
}  # control characters, half surrogates, line and paragraph ends


@dataclass(frozen=True)
class ContentPath:
    """A path that stays the same, however often it is decoded."""

    item: str
    text: str
    """The path without encoding, which is the object key."""

    @property
    def encoded(self) -> str:
        """The path in a URL. The wildcards of policies, `*` and `?`, are encoded."""
        return quote(self.text, safe="/")


def content_path(field: str, text: str, folder: bool = False) -> ContentPath:
    """Check a path.

    Args:
        field: member of the body, for the error.
        text: the path, without a leading or trailing slash.
        folder: whether it may be a whole item.

    Raises:
        Refusal: 400, the path is invalid, or a proxy could interpret it differently.
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
    if size > _MAX_BYTES:
        return f"must have at most {_MAX_BYTES} bytes in UTF-8"
    if any(segment in ("", ".", "..") for segment in text.split("/")):
        return "must not have empty segments, . or .."
    if "\\" in text or any(unicodedata.category(each) in _INVISIBLE for each in text):
        return "must not have backslashes or control characters"
    if _ENCODED.search(text):
        # A proxy may decode it once more: %2e%2e%2f would become ../
        return "must not look percent-encoded"
    return ""
