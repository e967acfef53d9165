"""Who may see what, and until when: purchases of single items, and plans for all of them.

Table: partition key `userId`, sort key `grant`, which is `item#<item>#<purchase>` or
`plan##<purchase>`: one row for each purchase, so that the end of one leaves the others alone.
`validUntil` (Unix milliseconds) ends the access, none means for ever; `expiresAt` (Unix seconds)
only lets DynamoDB clear the row away, long after that.
"""

from .purchases import Outcome, Purchase, Purchases
from .rights import Rights

__all__ = ["Outcome", "Purchase", "Purchases", "Rights"]
