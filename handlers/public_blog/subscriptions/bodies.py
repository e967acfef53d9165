"""Checks of request bodies. An email address is that of one plain mailbox.

This is stricter than RFC 5321: quoted local parts, comments, address literals, several addresses,
line ends and non-ASCII characters are refused. An internationalized domain has its `xn--` form.
"""

import re
from typing import Any

from api import Members, Refusal

MAX_LENGTH = 254
"""Maximum number of characters, from RFC 5321."""

_LANGUAGE = re.compile("en|de")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = r"(?:[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{1,59})"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?:{_LABEL}\.)+{_TOP}", re.ASCII)


def read_subscription(body: dict[str, Any]) -> tuple[str, str]:
    """Read the body of `subscribe`: the address as typed, and the language."""
    members = Members(body, ("email",), ("language",))
    address = _address(members)
    if "language" not in members:
        return address, "en"
    return address, members.matching("language", 2, _LANGUAGE, "en or de")


def _address(members: Members) -> str:
    address = members.text("email", MAX_LENGTH, min_length=6)
    if not address.isascii():
        raise Refusal(400, "email", "must be ASCII; write the domain in its xn-- form")
    found = _ADDRESS.fullmatch(address)
    if found is None or len(found["local"]) > 64:
        raise Refusal(400, "email", "must be one address such as ada@example.com")
    return address
