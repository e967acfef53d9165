"""A subscriber whose record the stream has lost gets its welcome mail, and nobody gets a second."""

import time
from types import SimpleNamespace

import pytest
from subscribers import id_of
from welcome_mailer.reconciler.app import Reconciler, Settings, Unfinished

from ..public_blog.blog_world import BlogWorld
from .test_refusals import DAY, HOUR


class SmallPages:
    """DynamoDB with few items on each page."""

    def __init__(self, client, size):
        self._client, self._size = client, size
        self.exceptions = client.exceptions

    def __getattr__(self, name):
        return getattr(self._client, name)

    def get_paginator(self, name):
        paginator, config = self._client.get_paginator(name), {"PageSize": self._size}
        return SimpleNamespace(
            paginate=lambda **arguments: paginator.paginate(**arguments, PaginationConfig=config)
        )


def reconcile(blog, now, *, page=3, more_time=lambda: True):
    clients = SimpleNamespace(dynamodb=SmallPages(blog.dynamodb, page))
    return Reconciler(Settings(blog.table), clients, lambda: now)(more_time)


def test_lost_records_are_found_once(blog: BlogWorld):
    addresses = [f"reader{number}@example.org" for number in range(20)]
    for each in addresses:
        blog.subscribe(each)
    lost = {id_of(each) for each in addresses[::4]}
    records = blog.records()
    blog.welcome(
        [r for r in records if r["dynamodb"]["NewImage"]["pk"]["S"].split("#")[1] not in lost]
    )
    assert len(blog.mails()) == 15
    later = time.time() + DAY + HOUR
    assert reconcile(blog, later) == {"opened": 5}
    assert reconcile(blog, later) == {"opened": 0}
    assert blog.sweep(later + 60) == {"sent": 5}
    blog.welcome(records)  # a stream that is late is not lost
    assert sorted(each["To"][0] for each in blog.mails()) == sorted(addresses)


def test_new_subscribers_are_left_to_the_stream(blog: BlogWorld):
    blog.subscribe("ada@example.org")
    assert reconcile(blog, time.time() + HOUR - 60) == {"opened": 0}
    assert reconcile(blog, time.time() + HOUR + 60) == {"opened": 1}


def test_subscribers_of_earlier_get_no_mail(blog: BlogWorld):
    """Such as those of a table that an earlier program has filled."""
    blog.subscribe("ada@example.org")
    assert reconcile(blog, time.time() + 7 * DAY + 60) == {"opened": 0}


def test_a_week_of_failed_runs_loses_nobody(blog: BlogWorld):
    blog.subscribe("ada@example.org")
    assert reconcile(blog, time.time() + 7 * DAY - 60) == {"opened": 1}


@pytest.mark.parametrize("status", ["unsubscribed", "suppressed"])
def test_only_active_subscribers_get_one(blog: BlogWorld, status: str):
    blog.subscribe("ada@example.org")
    (item,) = blog.items("subscriber")
    blog.dynamodb.put_item(TableName=blog.table, Item={**item, "status": {"S": status}})
    assert reconcile(blog, time.time() + DAY) == {"opened": 0}


def test_requests_that_nobody_confirmed_are_no_subscribers(blog: BlogWorld):
    blog.request("ada@example.org")
    assert reconcile(blog, time.time() + DAY) == {"opened": 0}


def test_a_run_without_enough_time_fails(blog: BlogWorld):
    for number in range(5):
        blog.subscribe(f"reader{number}@example.org")
    with pytest.raises(Unfinished):
        reconcile(blog, time.time() + DAY, page=1, more_time=lambda: False)
    assert reconcile(blog, time.time() + DAY, page=100, more_time=lambda: False) == {"opened": 5}
