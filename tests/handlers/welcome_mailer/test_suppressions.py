"""No mail after a bounce or complaint, whatever another Region writes over the subscriber."""

import time

import pytest
from botocore.exceptions import ReadTimeoutError
from subscribers import id_of

from ..public_blog.blog_world import CONFIRM, RETRY_AFTER, record

ADDRESS = "complaint@simulator.amazonses.com"


class Hanging:
    """SES that does not answer."""

    def send_email(self, **_arguments):
        raise ReadTimeoutError(endpoint_url="ses")


@pytest.fixture
def complained(blog):
    """Return the subscriber as it was before its complaint about the welcome mail."""
    blog.subscribe(ADDRESS)
    (before,) = blog.items("subscriber")
    blog.welcome(blog.records())
    assert blog.feedback(blog.received()) == []
    assert status(blog) == "suppressed" and len(blog.mails()) == 1
    return before


def status(blog):
    (subscriber,) = blog.items("subscriber")
    return subscriber["status"]["S"]


def overwrite(blog, item):
    """Write an item as the replication of another Region does, whose write is the last."""
    blog.dynamodb.put_item(TableName=blog.table, Item=item)
    assert status(blog) == item["status"]["S"]


def test_the_suppression_is_an_item_of_its_own_with_the_first_reason(blog, complained):
    (item,) = blog.items("suppression")
    assert item["pk"] == complained["pk"] and item["reason"] == {"S": "complaint"}
    bounce = {
        "eventType": "Bounce",
        "bounce": {"bounceType": "Permanent"},
        "mail": {
            "tags": {"ses:configuration-set": [blog.set], "subscriber": [id_of(ADDRESS)]},
        },
    }
    assert blog.feedback([{"detail": bounce}]) == []
    assert blog.items("suppression") == [item]


@pytest.mark.parametrize("name", ["INSERT", "MODIFY"])
def test_a_write_of_another_region_is_undone(blog, complained, name):
    overwrite(blog, complained)
    assert blog.welcome([record(complained, 1, name)]) == []
    assert status(blog) == "suppressed" and len(blog.mails()) == 1


def test_a_suppressed_address_is_not_asked_to_confirm(blog, complained):
    overwrite(blog, {**complained, "status": {"S": "unsubscribed"}})
    blog.ahead = 600
    assert blog.request(ADDRESS).status == 202
    assert blog.welcome(blog.requests()) == []
    assert status(blog) == "suppressed" and len(blog.mails()) == 1


def test_a_link_does_not_subscribe_a_suppressed_address(blog, complained):
    overwrite(blog, {**complained, "status": {"S": "unsubscribed"}, "unsubscribedAt": {"N": "1"}})
    answer = blog.call(CONFIRM, **blog.confirmation(ADDRESS))
    assert (answer.status, answer.body) == (200, {"status": "subscribed"}), "as for all addresses"
    assert status(blog) == "unsubscribed"


def test_an_open_mail_is_not_sent_after_a_complaint(blog):
    blog.subscribe(ADDRESS)
    (before,) = blog.items("subscriber")
    assert blog.welcome(blog.records(), ses_once=Hanging()) == ["0"]
    tags = {"ses:configuration-set": [blog.set], "subscriber": [id_of(ADDRESS)]}
    complaint = {"eventType": "Complaint", "mail": {"tags": tags}}
    assert blog.feedback([{"detail": complaint}]) == []
    overwrite(blog, before)
    assert blog.sweep(time.time() + RETRY_AFTER + 1) == {"skipped": 1}
    assert blog.mails() == [] and status(blog) == "suppressed"


def test_a_complaint_of_nobody_who_is_subscribed_counts_for_later(blog):
    tags = {"ses:configuration-set": [blog.set], "subscriber": [id_of(ADDRESS)]}
    complaint = {"eventType": "Complaint", "mail": {"tags": tags}}
    assert blog.feedback([{"detail": complaint}]) == []
    assert blog.items("subscriber") == []
    blog.request(ADDRESS)
    assert blog.welcome(blog.requests()) == []
    assert blog.mails() == []
