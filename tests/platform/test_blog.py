"""The blog's API and its welcome email on the emulator, as readers use them."""

import json
import time
import urllib.error
import urllib.request

import pytest
import subscribers

from local.cloud import Cloud
from tests.emulator.cloud import until
from tools.posts import POSTS, read_posts, write_posts

REPLICA = "eu-west-1"

FORM = "application/x-www-form-urlencoded"


class Blog:
    """The running blog and its clients."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.outputs = cloud.outputs["blog"]

    def call(self, url, body=None, kind="application/json", headers=None):
        """Return status, headers and text of a response. A body makes it a POST."""
        url = url if url.startswith("http") else self.outputs["apiUrl"] + url
        data = None if body is None else body.encode()
        request = urllib.request.Request(url, data, {"Content-Type": kind, **(headers or {})})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def patient(self, *request):
        """Repeat a request that is beyond the limit of its operation. Return the response."""

        def answer():
            made = self.call(*request)
            return made if made[0] != 429 else None

        return until(answer, 60)

    def subscribe(self, address):
        return self.patient("/subscriptions", json.dumps({"email": address}))[0]

    def mails(self, address):
        with urllib.request.urlopen(self.cloud.mails) as answer:
            found = json.loads(answer.read())["messages"].get("000000000000", [])
        return [each for each in found if each["To"] == [address]]

    def welcomed(self, address):
        """Subscribe, confirm, and wait for the welcome email."""
        link = self.asked(address)
        status, _, text = self.call(link)
        assert status == 200 and "<form" in text
        assert self.call(link, "", FORM)[0] == 200
        return until(lambda: self.mails(address)[1:], 60)[0]

    def asked(self, address):
        """Subscribe and return the link of the confirmation email."""
        assert self.subscribe(address) == 202
        return until(lambda: self.mails(address), 60)[0]["BodyText"].split()[-1]

    def subscriber(self, address):
        pages = self.cloud.client("dynamodb").scan(TableName=self.outputs["table"])["Items"]
        mine = [each for each in pages if each.get("email") == {"S": address}]
        return next(each for each in mine if each["sk"] == {"S": "subscriber"})


@pytest.fixture(scope="module")
def blog():
    with Cloud(systems=["blog"], overrides={"blogReplicaRegions": [REPLICA]}) as cloud:
        yield Blog(cloud)


def test_posts_are_read_with_etags(blog):
    write_posts(blog.cloud.client("dynamodb"), blog.outputs["table"], read_posts(POSTS))
    status, headers, text = blog.call("/posts?language=de&limit=1")
    page = json.loads(text)
    assert status == 200 and page["items"][0]["slug"] == "one-mail" and page["next"]
    assert headers["Cache-Control"] == "public, max-age=60"
    status, headers, text = blog.call("/posts/hello")
    assert (status, json.loads(text)["title"]) == (200, "Hello")
    again = blog.call("/posts/hello", headers={"If-None-Match": headers["ETag"]})
    assert again[0] == 304
    status, _, text = blog.call("/posts/nothing")
    assert (status, json.loads(text)["field"]) == (404, "slug")


def test_one_email_and_one_click(blog):
    """With least-privilege roles, which the emulator enforces."""
    mail = blog.welcomed("ada@example.org")
    assert mail["Source"] == '"MyBlog" <hello@example.com>'
    assert mail["Headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["Headers"]["List-Unsubscribe"][1:-1]
    status, headers, text = blog.call(link)
    assert status == 200 and headers["Content-Type"].startswith("text/html") and "<form" in text
    assert blog.subscriber("ada@example.org")["status"] == {"S": "active"}
    assert blog.call(link, "List-Unsubscribe=One-Click", FORM)[0] == 200
    assert blog.subscriber("ada@example.org")["status"] == {"S": "unsubscribed"}
    assert blog.subscribe("ada@example.org") == 202
    assert blog.subscriber("ada@example.org")["status"] == {"S": "unsubscribed"}
    blog.asked("bob@example.org")  # by then the stream has processed ada's request
    assert len(blog.mails("ada@example.org")) == 2


def test_a_confirmed_recipient_is_welcomed(blog):
    """In the sandbox of SES all recipients are confirmed, so that each has an identity."""
    address = "confirmed@example.org"
    blog.cloud.client("sesv2").create_email_identity(EmailIdentity=address)
    blog.welcomed(address)


def test_a_bounce_suppresses_the_address(blog):
    address = "bounce@simulator.amazonses.com"
    blog.welcomed(address)
    until(lambda: blog.subscriber(address)["status"] == {"S": "suppressed"}, 60)
    replica = blog.cloud.client("dynamodb", REPLICA)
    item = {**blog.subscriber(address), "status": {"S": "active"}}
    replica.put_item(TableName=blog.outputs["table"], Item=item)  # a write that came last
    until(lambda: blog.subscriber(address)["status"] == {"S": "suppressed"}, 60)


def test_an_injected_header_is_rejected_at_the_gateway(blog):
    body = json.dumps({"email": "ada@example.org\r\nBcc: eve@example.org"})
    status, _, text = blog.patient("/subscriptions", body)
    assert (status, json.loads(text)["error"]) == (400, "BadRequest")


def test_a_flood_of_subscriptions_stops_no_reader(blog):
    """Among requests that come at once, only as many as the burst allows are accepted."""
    answers = []
    started = time.monotonic()
    for number in range(30):
        body = json.dumps({"email": f"flood{number}@example.org"})
        answers.append(blog.call("/subscriptions", body))
        assert blog.call("/posts?language=en")[0] == 200
    accepted = [each for each in answers if each[0] == 202]
    refused = [json.loads(text)["error"] for status, _, text in answers if status == 429]
    assert len(accepted) + len(refused) == len(answers)
    assert len(accepted) <= 6 + time.monotonic() - started, "bursts of 5, then one per second"
    assert set(refused) <= {"TooManyRequests"}


def test_the_sweeper_runs(blog):
    function = blog.outputs["sweeperFunction"]
    answer = blog.cloud.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    assert "FunctionError" not in answer and json.loads(answer["Payload"].read()) == {}


def test_a_subscriber_without_a_marker_gets_the_email_within_a_day(blog):
    """A marker that is deleted stands for a record that the stream has lost."""
    address = "lost@example.org"
    item = {
        **subscribers.key(subscribers.id_of(address)),
        **{name: {"S": text} for name, text in (("email", address), ("language", "en"))},
        "status": {"S": "active"},
        "subscribedAt": {"N": str(int(time.time()) - 2 * 60 * 60)},
    }
    table, client = blog.outputs["table"], blog.cloud.client("dynamodb")
    client.put_item(TableName=table, Item=item)
    until(lambda: blog.mails(address), 60)
    marker = subscribers.marker_key(subscribers.id_of(address))
    until(lambda: "outcome" in client.get_item(TableName=table, Key=marker)["Item"], 60)
    client.delete_item(TableName=table, Key=marker)
    for function in ("reconcilerFunction", "sweeperFunction"):
        answer = blog.cloud.client("lambda").invoke(FunctionName=blog.outputs[function])
        assert "FunctionError" not in answer, answer["Payload"].read()
    until(lambda: len(blog.mails(address)) == 2, 60)


def test_a_subscriber_in_another_region_gets_one_email_from_the_home_region(blog):
    """Both regions' APIs get the same address; the home region's stream sees both writes."""
    address = "cleo@example.org"
    item = {
        **subscribers.key(subscribers.id_of(address)),
        **{name: {"S": text} for name, text in (("email", address), ("language", "en"))},
        "status": {"S": "active"},
    }
    replica = blog.cloud.client("dynamodb", REPLICA)
    replica.put_item(TableName=blog.outputs["table"], Item=item)
    until(lambda: blog.mails(address), 60)
    replica.put_item(TableName=blog.outputs["table"], Item=item)
    assert blog.subscribe(address) == 202
    blog.asked("dora@example.org")
    assert len(blog.mails(address)) == 1
