"""What happens to a welcome mail that SES does not accept, by the reason."""

import json
import time
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.handlers.aws import emulator_environment
from tools.recover.__main__ import main

from ..public_blog.blog_world import BlogWorld

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60

TRANSIENT = {
    "TooManyRequestsException": 429,
    "Throttling": 400,
    "LimitExceededException": 400,
    "SendingPausedException": 400,
    "AccountSuspendedException": 400,
    "MailFromDomainNotVerifiedException": 400,
    "NotFoundException": 404,
    "AccessDeniedException": 403,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
}
PERMANENT = ("BadRequestException", "MessageRejected")


class Refusing:
    """SES that answers each call with one error."""

    def __init__(self, code, status=400):
        self._answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
        self.calls = 0

    def send_email(self, **_arguments):
        self.calls += 1
        raise ClientError(self._answer, "SendEmail")


class Hanging:
    """SES that does not answer."""

    def __init__(self):
        self.calls = 0

    def send_email(self, **_arguments):
        self.calls += 1
        raise ReadTimeoutError(endpoint_url="ses")


def refuse(blog, ses):
    """Subscribe, while SES does not accept the welcome mail. Return the moment."""
    blog.subscribe("ada@example.org")
    with suppress(ClientError, ReadTimeoutError):
        blog.welcome(blog.records(), ses_once=ses)
    return time.time()


def sweep_for(blog, seconds, ses, start):
    """Sweep whenever the mail is due. Return the outcomes."""
    outcomes = []
    while True:
        (marker,) = blog.items("welcome")
        if marker.get("pending") != {"S": "welcome"}:
            return outcomes
        now = int(marker["dueAt"]["N"]) + 1
        if now > start + seconds:
            return outcomes
        outcomes += blog.sweep(now, ses_once=ses)


def outcome(blog):
    (marker,) = blog.items("welcome")
    return marker.get("outcome", {}).get("S")


@pytest.mark.parametrize(
    "ses",
    [*(Refusing(code, status) for code, status in TRANSIENT.items()), Hanging()],
    ids=[*TRANSIENT, "timeout"],
)
def test_days_of_a_transient_error_lose_no_mail(blog: BlogWorld, ses):
    start = refuse(blog, ses)
    outcomes = sweep_for(blog, 5 * DAY, ses, start)
    assert set(outcomes) <= {"unsent", "unknown"}
    assert len(outcomes) < 50, "the delay grows"
    assert blog.sweep(start + 5 * DAY + 5 * HOUR) == {"sent": 1}
    assert len(blog.mails()) == 1 and outcome(blog) == "sent"


def test_the_first_retry_comes_soon(blog: BlogWorld):
    start = refuse(blog, Refusing("TooManyRequestsException", 429))
    assert blog.sweep(start + 30) == {}
    assert blog.sweep(start + 2 * MINUTE) == {"sent": 1}


def test_a_mail_that_waits_for_more_than_an_hour_is_reported(blog: BlogWorld, caplog):
    ses = Refusing("SendingPausedException")
    start = refuse(blog, ses)
    sweep_for(blog, HOUR, ses, start)
    assert "mail late" not in caplog.messages
    sweep_for(blog, 3 * HOUR, ses, start)
    assert "mail late" in caplog.messages


@pytest.mark.parametrize("code", PERMANENT)
def test_a_mail_that_ses_refuses_for_itself_is_given_up_after_ten_tries(blog: BlogWorld, code):
    ses = Refusing(code)
    start = refuse(blog, ses)
    assert sweep_for(blog, DAY, ses, start) == ["unsent"] * 8 + ["failed"]
    assert (ses.calls, outcome(blog)) == (10, "failed")
    assert blog.sweep(start + 30 * DAY) == {}


def test_transient_errors_do_not_count_as_refusals(blog: BlogWorld):
    paused, refusing = Refusing("SendingPausedException"), Refusing("MessageRejected")
    start = refuse(blog, paused)
    sweep_for(blog, 2 * DAY, paused, start)
    assert sweep_for(blog, 4 * DAY, refusing, start) == ["unsent"] * 9 + ["failed"]


def test_an_error_of_more_than_a_week_ends_the_retries(blog: BlogWorld):
    ses = Refusing("AccountSuspendedException")
    start = refuse(blog, ses)
    assert sweep_for(blog, 30 * DAY, ses, start)[-1] == "failed"
    assert outcome(blog) == "failed"


@pytest.fixture
def operator(blog, tmp_path, monkeypatch):
    """Return the recovery command, with the outputs of the stack."""
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"blog": {"table": blog.table}}))
    for name, value in emulator_environment(blog.emulator).items():
        monkeypatch.setenv(name, value)
    return lambda *more: main(["mails", "--outputs", str(outputs), *more])


def test_one_command_opens_the_mails_that_were_given_up_again(blog, operator, capsys):
    ses = Refusing("MessageRejected")
    start = refuse(blog, ses)
    sweep_for(blog, DAY, ses, start)
    assert operator("--dry-run") == 0
    assert capsys.readouterr().out == "welcome mails waiting: 1\n"
    assert outcome(blog) == "failed"

    assert operator() == 0
    assert capsys.readouterr().out == "welcome mails opened again: 1\n"
    assert blog.sweep(time.time() + 1) == {"sent": 1}
    assert len(blog.mails()) == 1
    assert operator() == 0
    assert capsys.readouterr().out == "welcome mails opened again: 0\n"


@pytest.mark.parametrize("order", [("Send", "Rendering Failure"), ("Rendering Failure", "Send")])
def test_a_mail_that_ses_accepted_and_could_not_render_can_be_opened_again(blog, operator, order):
    blog.subscribe("ada@example.org")
    blog.welcome(blog.records())
    (marker,) = blog.items("welcome")
    mail = {
        "messageId": marker["messageId"]["S"],
        "tags": {
            "ses:configuration-set": [blog.set],
            "subscriber": [marker["pk"]["S"].partition("#")[2]],
        },
    }
    assert blog.feedback([{"detail": {"eventType": each, "mail": mail}} for each in order]) == []
    assert outcome(blog) == "failed"
    assert operator() == 0
    assert blog.sweep(time.time() + 1) == {"sent": 1}
