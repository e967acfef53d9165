"""WelcomeMailer: each new subscriber of a table gets one welcome mail."""

from .component import WelcomeMailer, WelcomeMailerArgs

__all__ = ["WelcomeMailer", "WelcomeMailerArgs"]
