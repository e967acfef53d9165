"""Nobody is subscribed, or subscribed again, without a click in a confirmation mail."""

from urllib.parse import parse_qs, urlsplit

import pytest

from .blog_world import CONFIRM

ADDRESS = "ada@example.org"
ASK = "GET /subscriptions/{subscriberId}/confirm"
UNSUBSCRIBE = "POST /subscriptions/{subscriberId}/unsubscribe"


def mailed(blog):
    """Send the mails of the open requests and return the link of the last one."""
    assert blog.welcome(blog.requests()) == []
    link = urlsplit(blog.mails()[-1]["BodyText"].split()[-1])
    _, _, mailbox, action = link.path.split("/")
    assert action == "confirm"
    return {
        "path": {"subscriberId": mailbox},
        "query": {"token": parse_qs(link.query)["token"][0]},
    }


def unsubscribe(blog):
    (marker,) = blog.items("welcome")
    path = {"subscriberId": marker["pk"]["S"].partition("#")[2]}
    query = {"token": marker["token"]["S"]}
    assert blog.call(UNSUBSCRIBE, path=path, query=query).status == 200


def status(blog):
    return [each["status"]["S"] for each in blog.items("subscriber")]


def subjects(blog):
    return [each["Subject"] for each in blog.mails()]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ["Confirm", "Welcome"]), ("de", ["Bestätigen", "Willkommen"])],
)
def test_the_welcome_mail_follows_the_click(blog, language, expected):
    assert blog.request(ADDRESS, language=language).status == 202
    assert status(blog) == []
    link = mailed(blog)
    assert (subjects(blog), status(blog)) == (expected[:1], [])
    answer = blog.call(CONFIRM, **link)
    assert (answer.status, answer.body) == (200, {"status": "subscribed"})
    assert blog.welcome(blog.records()) == []
    assert (subjects(blog), status(blog)) == (expected, ["active"])


def test_opening_the_link_changes_nothing(blog):
    blog.request(ADDRESS)
    answer = blog.call(ASK, **mailed(blog))
    assert answer.status == 200 and '<form method="post">' in answer.text
    assert status(blog) == []


def test_a_stranger_does_not_undo_an_unsubscription(blog):
    blog.subscribe(ADDRESS)
    blog.welcome(blog.records())
    unsubscribe(blog)
    blog.ahead = 600
    before = blog.items("subscriber")
    assert blog.request(ADDRESS).status == 202
    assert blog.items("subscriber") == before
    assert blog.call(CONFIRM, **mailed(blog)).status == 200
    assert status(blog) == ["active"]


def test_a_link_from_before_the_unsubscription_does_not_undo_it(blog):
    blog.subscribe(ADDRESS)
    blog.welcome(blog.records())
    link = blog.confirmation(ADDRESS)
    blog.ahead = 60
    unsubscribe(blog)
    assert blog.call(CONFIRM, **link).status == 200
    assert status(blog) == ["unsubscribed"]


def test_a_request_changes_nothing_for_an_active_subscriber(blog):
    blog.subscribe(ADDRESS, language="de")
    before = blog.items("subscriber")
    blog.ahead = 600
    assert blog.request(ADDRESS, language="en").status == 202
    assert blog.welcome(blog.requests()) == []
    assert (blog.items("subscriber"), blog.mails()) == (before, [])


def test_a_mailbox_gets_one_confirmation_mail_in_ten_minutes(blog):
    spellings = [ADDRESS, ADDRESS.upper(), *(f"ada+{number}@example.org" for number in range(20))]
    for ahead in (0, 540):
        blog.ahead = ahead
        for each in spellings:
            assert blog.request(each).body == {"status": "accepted"}
            blog.welcome(blog.requests())
    assert len(blog.mails()) == 1
    blog.ahead = 610
    blog.request("ada+blog@example.org")
    blog.call(CONFIRM, **mailed(blog))
    assert len(blog.mails()) == 2
    assert [each["email"]["S"] for each in blog.items("subscriber")] == ["ada+blog@example.org"]


def test_other_mailboxes_are_not_limited_by_it(blog):
    for each in (ADDRESS, "bob@example.org", "+ada@example.org"):
        blog.request(each)
    blog.welcome(blog.requests())
    assert len(blog.mails()) == 3


def test_a_link_is_valid_for_a_day_and_for_its_mailbox(blog):
    blog.request(ADDRESS)
    blog.request("bob@example.org")
    link, other = blog.confirmation(ADDRESS), blog.confirmation("bob@example.org")
    assert blog.call(CONFIRM, **{**link, "path": other["path"]}).refused == (404, "token")
    assert blog.call(CONFIRM, **{**link, "query": {"token": "x" * 32}}).refused == (404, "token")
    blog.ahead = 24 * 60 * 60 + 1
    assert blog.call(CONFIRM, **link).refused == (404, "token")
    assert status(blog) == []


def test_a_record_that_is_delivered_again_sends_no_second_mail(blog):
    blog.request(ADDRESS)
    records = blog.requests()
    for _ in range(3):
        assert blog.welcome(records) == []
    assert len(blog.mails()) == 1
