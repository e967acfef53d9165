"""Sends one confirmation mail for each request, and one welcome mail to each subscriber.

SES has no idempotency key, so a call without a response may have sent a mail or not. The protocol
(docs/welcome-mail.md) relies on the events of SES: the marker is claimed before the call, and an
open claim is retried only if SES has not reported the mail as sent within a given time.
"""

from .confirming import Confirming
from .mail import Mail, Unsent
from .markers import DUE_INDEX, Claim, Markers
from .senders import Senders, SendingClients
from .settings import WelcomeSettings
from .suppressions import Suppressions
from .welcoming import Welcoming

__all__ = [
    "DUE_INDEX",
    "Claim",
    "Confirming",
    "Mail",
    "Markers",
    "Senders",
    "SendingClients",
    "Suppressions",
    "Unsent",
    "WelcomeSettings",
    "Welcoming",
]
