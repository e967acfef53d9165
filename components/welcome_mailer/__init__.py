"""WelcomeMailer: sends one welcome mail to each new subscriber in a table."""

from .component import DUE_INDEX, MAIL_LIMITS, WelcomeMailer, WelcomeMailerArgs
from .texts import MailTextArgs, check_texts

__all__ = [
    "DUE_INDEX",
    "MAIL_LIMITS",
    "MailTextArgs",
    "WelcomeMailer",
    "WelcomeMailerArgs",
    "check_texts",
]
