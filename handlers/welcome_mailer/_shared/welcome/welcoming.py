"""Sends the welcome mail of a claim and updates its marker."""

import logging

from .delivery import deliver
from .mail import Mail
from .markers import Claim, Markers
from .suppressions import Suppressions

logger = logging.getLogger(__name__)


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
        return deliver(
            self.markers, claim, lambda: self._mail.send(claim, address, language), self.give_up
        )

    def give_up(self, subscriber_id: str, code: str) -> str:
        """Leave the mail to an operator, with the reason in the log. Returns `failed`."""
        logger.error("welcome given up", extra={"subscriber": subscriber_id, "code": code})
        self.markers.give_up(subscriber_id)
        return "failed"
