"""A confirmation mail that SES does not accept is retried as long as its link is valid."""

import time
from contextlib import suppress
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from ..public_blog.blog_world import CONFIRM, RETRY_AFTER
from .test_refusals import DAY, HOUR, MINUTE, PERMANENT, TRANSIENT, Hanging, Refusing

ADDRESS = "ada@example.org"


def ask(blog, ses):
    """Request a subscription, while SES does not accept the mail. Return the moment."""
    blog.request(ADDRESS)
    with suppress(ClientError, ReadTimeoutError):
        blog.welcome(blog.requests(), ses_once=ses)
    return time.time()


def sweep_for(blog, seconds, ses, start):
    """Sweep whenever the mail is due. Return the outcomes."""
    outcomes = []
    while True:
        (marker,) = blog.items("confirmation")
        if "pending" not in marker or int(marker["dueAt"]["N"]) >= start + seconds:
            return outcomes
        outcomes += blog.sweep(int(marker["dueAt"]["N"]) + 1, ses_once=ses)


def links(blog):
    return [each["BodyText"].split()[-1] for each in blog.mails()]


@pytest.mark.parametrize(
    "ses",
    [*(Refusing(code, status) for code, status in TRANSIENT.items()), Hanging()],
    ids=[*TRANSIENT, "timeout"],
)
def test_hours_of_a_transient_error_lose_no_mail(blog, ses):
    start = ask(blog, ses)
    outcomes = sweep_for(blog, 12 * HOUR, ses, start)
    assert outcomes and set(outcomes) <= {"unsent", "unknown"}
    assert blog.sweep(start + 17 * HOUR) == {"sent": 1}
    (link,) = links(blog)
    assert blog.confirmation(ADDRESS)["query"]["token"] in link
    assert blog.sweep(start + 20 * HOUR) == {}


def test_the_first_retry_comes_soon(blog):
    start = ask(blog, Refusing("TooManyRequestsException", 429))
    assert blog.sweep(start + 30) == {}
    assert blog.sweep(start + 2 * MINUTE) == {"sent": 1}


def test_no_mail_has_a_link_that_is_no_longer_valid(blog):
    start = ask(blog, Refusing("SendingPausedException"))
    assert blog.sweep(start + DAY + 1) == {"skipped": 1}
    assert blog.mails() == [] and blog.sweep(start + 2 * DAY) == {}


@pytest.mark.parametrize("code", PERMANENT)
def test_a_mail_that_ses_refuses_for_itself_ends_after_ten_tries(blog, code, caplog):
    ses = Refusing(code)
    start = ask(blog, ses)
    assert sweep_for(blog, DAY, ses, start) == ["unsent"] * 8 + ["failed"]
    assert ses.calls == 10 and "confirmation given up" in caplog.messages


def test_an_open_attempt_waits_for_the_report_of_ses(blog):
    class Silent:
        """SES that sends the mail and does not answer."""

        def send_email(self, **arguments):
            blog.ses_once.send_email(**arguments)
            raise ReadTimeoutError(endpoint_url="ses")

    start = ask(blog, Silent())
    assert blog.welcome(blog.requests()) == [], "it is already claimed"
    assert blog.sweep(start + RETRY_AFTER - 60) == {}, "the report can still arrive"
    assert blog.feedback(blog.received()) == []
    assert blog.sweep(start + RETRY_AFTER + 60) == {}
    assert len(blog.mails()) == 1


def test_a_report_on_an_earlier_request_does_not_end_the_retries_of_a_later_one(blog):
    blog.request(ADDRESS)
    assert blog.welcome(blog.requests()) == []
    reports = blog.received()
    blog.ahead = 600
    start = ask(blog, Refusing("SendingPausedException"))
    assert len(blog.items("confirmation")) == 1 and len(blog.mails()) == 1
    assert blog.feedback(reports) == []
    assert blog.sweep(start + 2 * MINUTE) == {"sent": 1}
    earlier, later = links(blog)
    assert earlier != later


def test_who_has_confirmed_gets_no_further_mail(blog):
    start = ask(blog, Refusing("SendingPausedException"))
    assert blog.call(CONFIRM, **blog.confirmation(ADDRESS)).status == 200
    assert blog.sweep(start + 2 * MINUTE) == {"skipped": 1}
    assert blog.mails() == []


def test_a_late_record_of_an_earlier_request_sends_no_invalid_link(blog):
    blog.request(ADDRESS)
    earlier = blog.requests()
    blog.ahead = 600
    blog.request(ADDRESS)
    assert blog.welcome(earlier) == [] and blog.mails() == []
    assert blog.welcome(blog.requests()) == [] and len(blog.mails()) == 1


def test_welcome_mails_do_not_wait_for_refused_confirmations(blog):
    blog.subscribe("bob@example.org")
    blog.welcome(blog.records(), ses_once=Refusing("SendingPausedException"))
    start = ask(blog, Refusing("SendingPausedException"))

    def only_welcomes(**arguments):
        if "confirm" in arguments["Content"]["Template"]["TemplateName"]:
            Refusing("SendingPausedException").send_email()
        return blog.ses_once.send_email(**arguments)

    ses = SimpleNamespace(send_email=only_welcomes)
    outcomes = blog.sweep(start + 2 * MINUTE, ses_once=ses)
    assert (outcomes["unsent"], outcomes["sent"]) == (1, 1)
