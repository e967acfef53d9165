"""Verifies requests of the shop by the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from api import Refusal, Request

__all__ = ["TOLERANCE_SECONDS", "verified"]

TOLERANCE_SECONDS = 300
"""Maximum difference from the clock of the shop, and time for which a captured request can be
replayed. A replay has no effect, as events are applied once."""

# No full stop, which is the separator of the signed parts.
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def verified(request: Request, keys: Sequence[bytes], now: float) -> str:
    """Return the ID of a message that is recent and signed with one of `keys`.

    Raises:
        Refusal: 401, it is not recent or not signed; 400, the body cannot be decoded.
    """
    message_id = _header(request, "webhook-id", _ID)
    timestamp = _header(request, "webhook-timestamp", _TIMESTAMP)
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refusal(401, "webhook-timestamp", "is too far from the current time")
    signed = f"{message_id}.{timestamp}.{request.text()}".encode()
    wanted = [_signature(key, signed) for key in keys]
    given = (request.header("webhook-signature") or "").encode("utf-8", "replace").split()[:8]
    # Compare all pairs in constant time, so that the duration reveals nothing about a guess.
    matches = [hmac.compare_digest(one, other) for one in wanted for other in given]
    if not any(matches):
        raise Refusal(401, "webhook-signature", "is missing or not valid")
    return message_id


def _header(request: Request, name: str, pattern: "re.Pattern[str]") -> str:
    value = request.header(name) or ""
    if not pattern.fullmatch(value):
        raise Refusal(401, name, "is missing or not valid")
    return value


def _signature(key: bytes, signed: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
