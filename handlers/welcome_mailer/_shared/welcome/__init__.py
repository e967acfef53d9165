"""The welcome mail, once for each subscriber.

SES takes no idempotency key, so that a call that ended without an answer may have sent a mail or
not. The protocol (docs/welcome-mail.md) asks SES itself: the marker is claimed before the call, and
a claim left open is tried again only when SES has not reported the mail as sent for a while.
"""

from .mail import Mail, Unsent
from .markers import Claim, Markers
from .settings import WelcomeSettings
from .welcoming import Welcoming

__all__ = ["Claim", "Mail", "Markers", "Unsent", "WelcomeSettings", "Welcoming"]
