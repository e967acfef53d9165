"""Subscribers as items of the blog's table, which may be a global table.

The items of a subscriber have the partition key `subscriber#<ID>`. The API writes two of them in
any Region: `subscriber`, and `request`, the last request to subscribe from a mailbox, which is a
subscription only after the link of the confirmation mail. Only the home Region writes the others:
`welcome` and `confirmation`, the markers of the two mails, and `suppression`, after a bounce or a
complaint. The last writer of an item wins, so that another Region could overwrite them in the same
item.
"""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Key = dict[str, AttributeValueTypeDef]

__all__ = [
    "ACTIVE",
    "CONFIRMATION",
    "SUPPRESSED",
    "UNSUBSCRIBED",
    "WELCOME",
    "id_of",
    "key",
    "mailbox_of",
    "marker_key",
    "request_key",
    "suppression_key",
]

ACTIVE = "active"
UNSUBSCRIBED = "unsubscribed"
SUPPRESSED = "suppressed"
"""After a bounce or a complaint. A new subscription does not change it. What counts is the item
`suppression`."""

WELCOME, CONFIRMATION = "welcome", "confirmation"
"""The mails that have a marker."""


def id_of(address: str) -> str:
    """Return the subscriber ID of an address. It ignores case and does not reveal the address."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]


def key(subscriber_id: str) -> "Key":
    """Return the key of a subscriber."""
    return {"pk": {"S": f"subscriber#{subscriber_id}"}, "sk": {"S": "subscriber"}}


def mailbox_of(address: str) -> str:
    """Return the ID of the mailbox of an address: `ada+blog@example.org` is `ada@example.org`."""
    local, _, domain = address.rpartition("@")
    # An address such as `+ada@example.org` has no name before the tag.
    return id_of(f"{local.partition('+')[0] or local}@{domain}")


def request_key(mailbox_id: str) -> "Key":
    """Return the key of the last request to subscribe from a mailbox."""
    return {"pk": {"S": f"subscriber#{mailbox_id}"}, "sk": {"S": "request"}}


def marker_key(subscriber_id: str, mail: str = WELCOME) -> "Key":
    """Return the key of the marker of a mail, `WELCOME` or `CONFIRMATION`.

    The marker of a confirmation mail belongs to a mailbox.
    """
    return {"pk": {"S": f"subscriber#{subscriber_id}"}, "sk": {"S": mail}}


def suppression_key(subscriber_id: str) -> "Key":
    """Return the key of the suppression of an address, which exists after a bounce or complaint."""
    return {"pk": {"S": f"subscriber#{subscriber_id}"}, "sk": {"S": "suppression"}}
