"""One attempt to send a mail, and its outcome in the marker."""

import logging
from collections.abc import Callable

from .mail import Unsent
from .markers import Claim, Markers

logger = logging.getLogger(__name__)

MAX_REFUSALS = 10
"""Maximum number of attempts that SES refuses because of the mail itself. Then an operator must
find the reason. An address that is not verified, in the sandbox of SES, has the same code."""


def deliver(
    markers: Markers,
    claim: Claim,
    send: Callable[[], str],
    give_up: Callable[[str, str], str],
) -> str:
    """Send the mail of a claim, and record the outcome.

    Args:
        markers: where the claim is from.
        claim: the attempt.
        send: sends the mail and returns the message ID of SES.
        give_up: (subscriber ID, code of SES) -> outcome: ends the retries.

    Returns:
        `sent`; `unsent`, if SES did not accept it and it will be retried; what `give_up` returns.

    Raises:
        Exception: it is unknown whether the mail was sent. The claim stays open until SES reports
            the mail as sent, or the sweeper retries it.
    """
    try:
        message_id = send()
    except Unsent as unsent:
        if unsent.permanent and claim.refusals + 1 >= MAX_REFUSALS:
            return give_up(claim.subscriber_id, unsent.code)
        extra = {"subscriber": claim.subscriber_id, "attempts": claim.attempts, "code": unsent.code}
        logger.warning("mail not accepted", extra=extra)
        markers.unsent(claim, refused=unsent.permanent)
        return "unsent"
    markers.close(claim.subscriber_id, "sent", message_id)
    return "sent"
