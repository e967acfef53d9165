"""Welcoming: claim, mail, marker."""

import logging

from .mail import Mail, Unsent
from .markers import Claim, Markers

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 10
"""After so many refusals by SES somebody must look at it."""


class Welcoming:
    """Sends the mail of a claim and notes what became of it."""

    def __init__(self, markers: Markers, mail: Mail) -> None:
        self.markers = markers
        self._mail = mail

    def send(self, claim: Claim, address: str, language: str) -> str:
        """Send one mail.

        Returns:
            `sent`; `unsent`, when SES refused it and it comes again; `failed`, when it does not.

        Raises:
            Exception: it is unknown whether it was sent: the claim stays, and SES's report or its
                absence will tell.
        """
        try:
            message_id = self._mail.send(claim, address, language)
        except Unsent as refusal:
            return self._refused(claim, str(refusal))
        self.markers.close(claim.subscriber_id, "sent", message_id)
        return "sent"

    def _refused(self, claim: Claim, code: str) -> str:
        extra = {"subscriber": claim.subscriber_id, "attempts": claim.attempts, "code": code}
        if claim.attempts < MOST_ATTEMPTS:
            logger.warning("mail refused", extra=extra)
            self.markers.unsent(claim)
            return "unsent"
        logger.error("welcome given up", extra=extra)
        self.markers.close(claim.subscriber_id, "failed")
        return "failed"
