"""Sends the mail of a claim and updates its marker."""

import logging

from .mail import Mail, Unsent
from .markers import Claim, Markers

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
"""Maximum number of attempts that SES rejects. Then an operator must find the reason."""


class Welcoming:
    """Sends the mail of a claim and records the outcome."""

    def __init__(self, markers: Markers, mail: Mail) -> None:
        self.markers = markers
        self._mail = mail

    def send(self, claim: Claim, address: str, language: str) -> str:
        """Send one mail.

        Returns:
            `sent`; `unsent`, if SES rejected it and it will be retried; `failed`, if not.

        Raises:
            Exception: it is unknown whether the mail was sent. The claim stays open until SES
                reports the mail as sent, or the sweeper retries it.
        """
        try:
            message_id = self._mail.send(claim, address, language)
        except Unsent as refusal:
            return self._refused(claim, str(refusal))
        self.markers.close(claim.subscriber_id, "sent", message_id)
        return "sent"

    def _refused(self, claim: Claim, code: str) -> str:
        extra = {"subscriber": claim.subscriber_id, "attempts": claim.attempts, "code": code}
        if claim.attempts < MAX_ATTEMPTS:
            logger.warning("mail refused", extra=extra)
            self.markers.unsent(claim)
            return "unsent"
        logger.error("welcome given up", extra=extra)
        self.markers.close(claim.subscriber_id, "failed")
        return "failed"
