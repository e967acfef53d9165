"""Sends the welcome mail once to each subscriber.

SES has no idempotency key, so a call without a response may have sent a mail or not. The protocol
(docs/welcome-mail.md) relies on the events of SES: the marker is claimed before the call, and an
open claim is retried only if SES has not reported the mail as sent within a given time.
"""

from .mail import Mail, Unsent
from .markers import Claim, Markers
from .settings import WelcomeSettings
from .suppressions import Suppressions
from .welcoming import Welcoming

__all__ = [
    "Claim",
    "Mail",
    "Markers",
    "Suppressions",
    "Unsent",
    "WelcomeSettings",
    "Welcoming",
]
