"""A user's own folder in a bucket, `users/<sub>/`: where it is and which names it may hold.

Everything that reaches it, these functions, signed URLs and the policy of direct access alike, goes
by the user pool's `sub`. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

import re
import unicodedata

__all__ = ["PREFIX", "BadName", "key", "name", "path"]

PREFIX = "users/"
"""What all folders begin with."""

_LONGEST_KEY = 1024  # bytes, S3's own limit
_SUB = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half surrogates, line and paragraph ends


class BadName(ValueError):
    """A name that no file may have; the message goes after "name" and does not repeat it."""


def path(sub: str) -> str:
    """The prefix of a user's keys.

    Args:
        sub: the user pool's ID of the user.

    Raises:
        ValueError: it is no such ID; keys made of it might lie in another folder.
    """
    if not _SUB.fullmatch(sub):
        raise ValueError("not a user's sub")
    return f"{PREFIX}{sub}/"


def key(sub: str, name: str) -> str:
    """The key of a user's file.

    Args:
        sub: the user pool's ID of the user.
        name: the file's name as people see it; it is one segment of the key.

    Raises:
        BadName: it could lead elsewhere, be read differently by others, or is too long.
        ValueError: as `path`.
    """
    folder = path(sub)
    _check(name)
    whole = folder + name
    if len(whole.encode()) > _LONGEST_KEY:
        raise BadName(f"must have at most {_LONGEST_KEY - len(folder)} bytes in UTF-8")
    return whole


def name(sub: str, key: str) -> str | None:
    """The name of the file at a key; None when `key` makes no such key, as for a nested one."""
    folder = path(sub)
    found = key.removeprefix(folder)
    try:
        _check(found)
    except BadName:
        return None
    return found if key.startswith(folder) else None


def _check(name: str) -> None:
    if not name:
        raise BadName("must not be empty")
    if name in (".", ".."):
        raise BadName("must not be . or ..")
    if "/" in name or "\\" in name:
        raise BadName("must not have a slash or a backslash")
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        raise BadName("must not have control characters")
    if name != name.strip():
        raise BadName("must not begin or end with white space")
    if _ENCODED.search(name):
        # Somebody on the way may decode it once more: %2F would become a slash.
        raise BadName("must not look percent-encoded")
    if "${filename}" in name:
        raise BadName("must not have ${filename}, which S3 replaces in forms")
