"""Entitlements: purchases of single items, and plans for all items.

Table: partition key `userId`, sort key `grant`, which is `item#<item>#<purchase>` or
`plan##<purchase>`: one row for each purchase, so that the end of one does not affect the others.
`cancelled##<purchase>` is the last cancellation of a whole purchase, which also applies to grants
that occurred before it and arrive later. Access ends at `validUntil` (Unix milliseconds), or never
without it. `expiresAt` (Unix seconds) is the TTL of the row, long after that.
"""

from .purchases import Outcome, Purchase, Purchases
from .rights import Rights

__all__ = ["Outcome", "Purchase", "Purchases", "Rights"]
