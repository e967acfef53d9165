"""Each subscriber receives one welcome email, despite any number of failures."""

import random
import time
from collections import Counter

from botocore.exceptions import ClientError, ReadTimeoutError

from ..public_blog.blog_world import RETRY_AFTER, BlogWorld, record

SUBSCRIBERS = 500
BATCH = 25


class Crash(BaseException):
    """The end of the process. `except Exception` does not catch it."""


class FaultySes:
    """SES with throttling, and with crashes and timeouts before or after an email."""

    def __init__(self, client, chance):
        self._client, self._chance = client, chance
        self.faults = Counter()

    def send_email(self, **arguments):
        fault = self._chance.choices(
            ["none", "crash before", "crash after", "timeout before", "timeout after", "throttle"],
            [70, 6, 6, 6, 6, 6],
        )[0]
        self.faults[fault] += 1
        if fault == "throttle":
            error = {"Code": "TooManyRequestsException"}
            raise ClientError(
                {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 429}}, "SendEmail"
            )
        if fault == "crash before":
            raise Crash
        if fault == "timeout before":
            raise ReadTimeoutError(endpoint_url="ses")
        answer = self._client.send_email(**arguments)
        if fault == "crash after":
            raise Crash
        if fault == "timeout after":
            raise ReadTimeoutError(endpoint_url="ses")
        return answer


class FaultyTable:
    """A table whose writes sometimes time out after they are stored."""

    def __init__(self, client, chance):
        self._client, self._chance = client, chance
        self.exceptions = client.exceptions

    def __getattr__(self, name):
        return getattr(self._client, name)

    def update_item(self, **arguments):
        answer = self._client.update_item(**arguments)
        if self._chance.random() < 0.05:
            raise ReadTimeoutError(endpoint_url="dynamodb")
        return answer


def deliver(blog, records, ses, table):
    """Retry as Lambda does: from the lowest failure, or the whole batch after a crash."""
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        for _ in range(6):
            try:
                failed = blog.welcome(batch, ses_once=ses, dynamodb=table)
            except Crash:
                continue
            if not failed:
                break
            numbers = [each["dynamodb"]["SequenceNumber"] for each in batch]
            batch = batch[min(map(numbers.index, failed)) :]


def sweep(blog, now, ses, table):
    try:
        return blog.sweep(now, ses_once=ses, dynamodb=table)
    except Crash:
        return {"crash": 1}


def test_500_subscriptions_with_duplicates_retries_and_crashes(blog: BlogWorld):
    chance = random.Random(500)
    ses, table = FaultySes(blog.ses_once, chance), FaultyTable(blog.dynamodb, chance)
    addresses = [f"reader{number}@example.org" for number in range(SUBSCRIBERS)]
    for address in addresses:
        for again in chance.choice([(address,), (address, address.upper()), (address,) * 3]):
            assert blog.subscribe(again).status == 202

    records = blog.records()
    assert len(records) == SUBSCRIBERS
    # A replica in another Region, or a second read of the stream, delivers the same records again.
    records += [record(each["dynamodb"]["NewImage"], 9000 + n) for n, each in enumerate(records)]
    chance.shuffle(records)
    deliver(blog, records, ses, table)
    assert min(ses.faults[each] for each in ("crash before", "crash after", "throttle")) > 5
    assert len(blog.mails()) < SUBSCRIBERS

    now, rounds = time.time(), 0
    while any("pending" in each for each in blog.items("welcome")):
        reports = blog.received()
        for _ in range(2):  # delivery is at least once
            for start in range(0, len(reports), 10):
                assert blog.feedback(reports[start : start + 10]) == []
        now += RETRY_AFTER + 1
        sweep(blog, now, ses, table)
        rounds += 1
        assert rounds < 200

    mails = Counter(each["To"][0].lower() for each in blog.mails())
    assert mails == dict.fromkeys(addresses, 1)
    assert {each["outcome"]["S"] for each in blog.items("welcome")} == {"sent"}


def test_an_open_claim_waits_for_the_report_of_ses(blog: BlogWorld):
    blog.subscribe("ada@example.org")
    chance = random.Random(1)
    ses = FaultySes(blog.ses_once, chance)
    chance.choices = lambda *_: ["timeout after"]
    assert blog.welcome(blog.records(), ses_once=ses) == ["0"]
    assert blog.welcome(blog.records()) == [], "it is already claimed"
    assert blog.sweep(time.time() + RETRY_AFTER - 60) == {}, "the report can still arrive"
    assert blog.feedback(blog.received()) == []
    assert blog.sweep(time.time() + RETRY_AFTER + 60) == {}, "SES has reported the delivery"
    assert len(blog.mails()) == 1


def test_without_a_report_of_ses_the_email_is_sent_again(blog: BlogWorld):
    blog.subscribe("ada@example.org")
    chance = random.Random(1)
    ses = FaultySes(blog.ses_once, chance)
    chance.choices = lambda *_: ["timeout before"]
    assert blog.welcome(blog.records(), ses_once=ses) == ["0"]
    assert blog.mails() == [] and blog.feedback(blog.received()) == []
    assert blog.sweep(time.time() + RETRY_AFTER + 60) == {"sent": 1}
    assert len(blog.mails()) == 1


def test_an_address_that_unsubscribed_in_the_meantime_receives_no_email(blog: BlogWorld):
    blog.subscribe("ada@example.org")
    chance = random.Random(1)
    ses = FaultySes(blog.ses_once, chance)
    chance.choices = lambda *_: ["timeout before"]
    blog.welcome(blog.records(), ses_once=ses)
    (marker,) = blog.items("welcome")
    path = {"subscriberId": marker["pk"]["S"].partition("#")[2]}
    query = {"token": marker["token"]["S"]}
    operation = "POST /subscriptions/{subscriberId}/unsubscribe"
    assert blog.call(operation, path=path, query=query).status == 200
    assert blog.sweep(time.time() + RETRY_AFTER + 60) == {"skipped": 1}
    assert blog.mails() == []
