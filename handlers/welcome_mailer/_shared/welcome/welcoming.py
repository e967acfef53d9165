"""Sends the mail of a claim and updates its marker."""

import logging

from .mail import Mail, Unsent
from .markers import Claim, Markers
from .suppressions import Suppressions

logger = logging.getLogger(__name__)

MAX_REFUSALS = 10
"""Maximum number of attempts that SES refuses because of the mail itself. Then an operator must
find the reason. An address that is not verified, in the sandbox of SES, has the same code."""


class Welcoming:
    """Sends the mail of a claim and records the outcome."""

    def __init__(self, markers: Markers, mail: Mail, suppressions: Suppressions) -> None:
        self.markers = markers
        self._mail = mail
        self._suppressions = suppressions

    def send(self, claim: Claim, address: str, language: str) -> str:
        """Send one mail.

        Returns:
            `sent`; `skipped`, if the address is suppressed; `unsent`, if SES did not accept it and
            it will be retried; `failed`, if it will not.

        Raises:
            Exception: it is unknown whether the mail was sent. The claim stays open until SES
                reports the mail as sent, or the sweeper retries it.
        """
        if self._suppressions.covers(claim.subscriber_id):
            self.markers.close(claim.subscriber_id, "skipped")
            return "skipped"
        try:
            message_id = self._mail.send(claim, address, language)
        except Unsent as unsent:
            return self._unsent(claim, unsent)
        self.markers.close(claim.subscriber_id, "sent", message_id)
        return "sent"

    def give_up(self, subscriber_id: str, code: str) -> str:
        """Leave the mail to an operator, with the reason in the log. Returns `failed`."""
        logger.error("welcome given up", extra={"subscriber": subscriber_id, "code": code})
        self.markers.give_up(subscriber_id)
        return "failed"

    def _unsent(self, claim: Claim, unsent: Unsent) -> str:
        if unsent.permanent and claim.refusals + 1 >= MAX_REFUSALS:
            return self.give_up(claim.subscriber_id, unsent.code)
        extra = {"subscriber": claim.subscriber_id, "attempts": claim.attempts, "code": unsent.code}
        logger.warning("mail not accepted", extra=extra)
        self.markers.unsent(claim, refused=unsent.permanent)
        return "unsent"
