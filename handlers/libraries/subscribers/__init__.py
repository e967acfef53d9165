"""Subscribers as items of the blog's table, which may be a global one.

A subscriber is two items with the partition key `subscriber#<ID>`: `subscriber`, which the API
writes in any region, and `welcome`, the marker of the welcome mail, which only the home region
writes: the last writer of an item wins, so that a marker in the same item could be undone from
elsewhere.
"""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Key = dict[str, AttributeValueTypeDef]

__all__ = ["ACTIVE", "SUPPRESSED", "UNSUBSCRIBED", "id_of", "key", "marker_key"]

ACTIVE = "active"
UNSUBSCRIBED = "unsubscribed"
SUPPRESSED = "suppressed"
"""By a bounce or a complaint; no subscribing undoes it."""


def id_of(address: str) -> str:
    """The subscriber of an address, the same for all its spellings; it tells no one the address."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]


def key(subscriber_id: str) -> "Key":
    """The key of the subscriber."""
    return {"pk": {"S": f"subscriber#{subscriber_id}"}, "sk": {"S": "subscriber"}}


def marker_key(subscriber_id: str) -> "Key":
    """The key of the welcome mail's marker."""
    return {"pk": {"S": f"subscriber#{subscriber_id}"}, "sk": {"S": "welcome"}}
