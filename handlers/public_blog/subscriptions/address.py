"""E-mail addresses: those of one plain mailbox, and nothing that could be anything else.

Narrower than RFC 5321 on purpose: quoted local parts, comments, address literals, several
addresses, line ends and characters outside of ASCII are refused. An internationalised domain is
written in its `xn--` form.
"""

import re

from api import Members, Refusal

LONGEST = 254
"""Characters, by RFC 5321."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = r"(?:[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{1,59})"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?:{_LABEL}\.)+{_TOP}", re.ASCII)


def read_address(members: Members) -> str:
    """The member `email`, as it was typed."""
    address = members.text("email", LONGEST, shortest=6)
    if not address.isascii():
        raise Refusal(400, "email", "must be ASCII; write the domain in its xn-- form")
    found = _ADDRESS.fullmatch(address)
    if found is None or len(found["local"]) > 64:
        raise Refusal(400, "email", "must be one address such as ada@example.com")
    return address
