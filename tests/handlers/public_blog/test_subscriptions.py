"""Subscribing and unsubscribing."""

import json

import pytest
from subscribers import id_of

UNSUBSCRIBE = "POST /subscriptions/{subscriberId}/unsubscribe"
ASK = "GET /subscriptions/{subscriberId}/unsubscribe"


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org",
        "Ada.Lovelace+blog@mail.example.co.uk",
        "o'brien_1@xn--mnchen-3ya.de",
        "a" * 64 + "@example.org",
    ],
)
def test_plain_addresses_are_stored_unchanged(blog, address):
    answer = blog.subscribe(address, language="de")
    assert (answer.status, answer.body) == (202, {"status": "accepted"})
    (item,) = blog.items("subscriber")
    assert (item["email"]["S"], item["language"]["S"]) == (address, "de")
    assert address not in item["pk"]["S"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@localhost",
        "ada@@example.org",
        "ada@example.org\nBcc: eve@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org\n",
        " ada@example.org",
        "ada@example.org,eve@example.org",
        "ada@example.org;eve@example.org",
        "Ada <ada@example.org>",
        '"ada eve"@example.org',
        "ada(comment)@example.org",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "ada..l@example.org",
        ".ada@example.org",
        "ada.@example.org",
        "ada@-example.org",
        "ada@example-.org",
        "ada@example..org",
        "ada@example.org.",
        "ada@example.o",
        "a\u0000da@example.org",
        "аda@example.org",  # a Cyrillic a  # noqa: RUF001
        "ada@ex\u0430mple.org",
        "ada\u200b@example.org",
        "ada@example\u3002org",
        "ada\uff20example.org",
        "\u202eada@example.org",
        "ada@münchen.de",
        "a" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
        "a@" + "b." * 126 + "org",
        None,
        7,
        ["ada@example.org"],
        {"S": "ada@example.org"},
    ],
)
def test_other_addresses_are_rejected(blog, address):
    assert blog.subscribe(address).refused == (400, "email")
    assert blog.items("subscriber") == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "ada@example.org", "language": "fr"}, "language"),
        ({"email": "ada@example.org", "language": "en\n"}, "language"),
        ({"email": "ada@example.org", "status": "active"}, "status"),
        ("[]", "body"),
        ('{"email": "ada@example.org", "email": "eve@example.org"}', "email"),
    ],
)
def test_invalid_bodies_are_rejected(blog, body, field):
    assert blog.call("POST /subscriptions", body=body).refused == (400, field)


def welcomed(blog, address="ada@example.org"):
    """Subscribe, receive the welcome email and return the parts of its link."""
    blog.subscribe(address)
    assert blog.welcome(blog.records()) == []
    mail = blog.mails()[-1]
    link = mail["Headers"]["List-Unsubscribe"]
    assert link.startswith("<https://api.example.com/subscriptions/") and link.endswith(">")
    assert mail["Headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link[1:-1] in mail["BodyText"]
    path, _, token = link[1:-1].partition("?token=")
    return {"path": {"subscriberId": path.split("/")[-2]}, "query": {"token": token}}


def status(blog):
    (item,) = blog.items("subscriber")
    return item["status"]["S"]


def test_one_click_unsubscribes_and_can_be_repeated(blog):
    link = welcomed(blog)
    for _ in range(2):
        answer = blog.call(UNSUBSCRIBE, body="List-Unsubscribe=One-Click", **link)
        assert (answer.status, answer.body) == (200, {"status": "unsubscribed"})
        assert status(blog) == "unsubscribed"


def test_opening_the_link_changes_nothing(blog):
    answer = blog.call(ASK, **welcomed(blog))
    assert answer.status == 200 and '<form method="post">' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert status(blog) == "active"


def test_a_link_is_valid_for_one_subscription_only(blog):
    link, other = welcomed(blog), id_of("bob@example.org")
    blog.subscribe("bob@example.org")
    blog.welcome(blog.records())
    for parts, refused in (
        ({"path": {"subscriberId": other}}, (404, "token")),
        ({"path": {"subscriberId": "0" * 32}}, (404, "token")),
        ({"query": {"token": "x" * 32}}, (404, "token")),
        ({"query": {}}, (400, "token")),
        ({"query": {"token": "é" * 32}}, (400, "token")),
        ({"path": {"subscriberId": "../" + other}}, (400, "subscriberId")),
    ):
        assert blog.call(UNSUBSCRIBE, **{**link, **parts}).refused == refused
    assert {each["status"]["S"] for each in blog.items("subscriber")} == {"active"}


def test_a_returning_subscriber_receives_no_second_welcome_email(blog):
    blog.call(UNSUBSCRIBE, **welcomed(blog))
    blog.ahead = 600
    blog.subscribe("ADA@example.org")
    assert status(blog) == "active"
    blog.welcome(blog.records())
    assert len(blog.mails()) == 1


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_an_address_with_a_bounce_or_complaint_stays_suppressed(blog, kind):
    address = f"{kind}@simulator.amazonses.com"
    link = welcomed(blog, address)
    assert blog.feedback(blog.received()) == []
    assert status(blog) == "suppressed"
    assert blog.subscribe(address).status == 202
    assert blog.call(UNSUBSCRIBE, **link).status == 200
    assert status(blog) == "suppressed"


def test_reports_about_others_change_nothing_and_invalid_ones_are_retried(blog):
    welcomed(blog)
    (report,) = blog.received()
    bounce = json.loads(json.dumps(report))
    bounce["detail"] |= {"eventType": "Bounce", "bounce": {"bounceType": "Transient"}}
    foreign = json.loads(json.dumps(bounce))
    foreign["detail"]["bounce"]["bounceType"] = "Permanent"
    foreign["detail"]["mail"]["tags"]["ses:configuration-set"] = ["another"]
    unknown = {**report, "detail": {**report["detail"], "eventType": "Open"}}
    assert blog.feedback([bounce, foreign, unknown]) == []
    assert status(blog) == "active"
    assert blog.feedback([{"detail": None}]) == [{"itemIdentifier": "0"}]


def test_the_email_is_in_the_subscribers_language(blog):
    blog.subscribe("ada@example.org", language="de")
    blog.welcome(blog.records())
    assert [each["Subject"] for each in blog.mails()] == ["Willkommen"]
