"""The folder of a user in a bucket, `users/<sub>/`, and the file names that are allowed in it.

These functions, signed URLs and the policy of credentials all use the `sub` of the user pool.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

import re
import unicodedata

__all__ = ["PREFIX", "BadName", "key", "name", "path"]

PREFIX = "users/"
"""Prefix of all folders."""

_MAX_KEY_BYTES = 1024  # bytes, limit of S3
_SUB = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_INVISIBLE = {
    "Cc",
    "Cs",
    "Zl",
    "Zp",
}  # control characters, half surrogates, line and paragraph ends


class BadName(ValueError):
    """A file name that is not allowed. The message follows the word "name"."""


def path(sub: str) -> str:
    """Return the prefix of a user's keys.

    Args:
        sub: ID of the user in the user pool.

    Raises:
        ValueError: it is not such an ID, so that keys could be in another folder.
    """
    if not _SUB.fullmatch(sub):
        raise ValueError("not a user's sub")
    return f"{PREFIX}{sub}/"


def key(sub: str, name: str) -> str:
    """Return the key of a user's file.

    Args:
        sub: ID of the user in the user pool.
        name: name of the file without encoding, which is one segment of the key.

    Raises:
        BadName: the name is too long, ambiguous, or could lead to another folder.
        ValueError: `sub` is not the ID of a user.
    """
    folder = path(sub)
    _check(name)
    whole = folder + name
    if len(whole.encode()) > _MAX_KEY_BYTES:
        raise BadName(f"must have at most {_MAX_KEY_BYTES - len(folder)} bytes in UTF-8")
    return whole


def name(sub: str, key: str) -> str | None:
    """Return the file name of a key; None if `key` cannot return it, such as a nested key."""
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
    if any(unicodedata.category(character) in _INVISIBLE for character in name):
        raise BadName("must not have control characters")
    if name != name.strip():
        raise BadName("must not begin or end with white space")
    if _ENCODED.search(name):
        # A proxy may decode it once more: %2F would become a slash.
        raise BadName("must not look percent-encoded")
    if "${filename}" in name:
        raise BadName("must not have ${filename}, which S3 replaces in forms")
