"""Serverless caches are real servers that check who logs in."""

import dataclasses
import datetime
import os
import signal
import threading
import time

import iam_token
import pytest
import valkey
from cache import Cache, CacheRefused, CacheUnavailable

from local.emulator import Emulator
from tests.emulator.cloud import Cloud, until
from tests.emulator.stores import Stores, acting_as, uses


@pytest.fixture(scope="module")
def shared():
    """Stores of an emulator of their own, as tests of a module share them."""
    with Emulator() as emulator:
        stores = Stores(Cloud(emulator))
        stores.made = stores.cache()
        stores.role_of_app = stores.role("app", uses())
        stores.stranger = stores.role("stranger")
        yield stores


@pytest.fixture(autouse=True)
def closed(shared):
    yield
    shared.close()


@pytest.fixture
def as_app(shared, monkeypatch):
    with acting_as(shared.role_of_app, monkeypatch):
        yield shared


@pytest.fixture
def client(as_app):
    return as_app.cache_client(as_app.made)


def _plain(stores, token, user="prices-app"):
    """A client of valkey-py with a token as its password."""
    settings = stores.cache_settings(stores.made)
    return valkey.Valkey(
        settings.cache_host,
        settings.cache_port,
        username=user,
        password=token,
        ssl=True,
        ssl_ca_certs=settings.ca_file,
    )


def test_a_role_with_the_right_reads_and_writes(client):
    assert client.get("a") is None
    client.set("a", "1", seconds=60)
    assert client.get("a") == b"1"
    client.delete("a")
    assert client.get("a") is None


def test_a_value_ends_with_its_time(client):
    client.set("short", "1", seconds=0.05)
    until(lambda: client.get("short") is None)


def test_one_of_many_callers_adds_a_value(as_app, client):
    client.get("warm")
    added, gate = [], threading.Barrier(16)

    def add():
        gate.wait()
        added.append(as_app.cache_client(as_app.made, timeout=5).add("lock", "x", seconds=30))

    callers = [threading.Thread(target=add) for _ in range(16)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert sorted(added) == [False] * 15 + [True]


def test_a_role_without_the_right_is_refused(shared, monkeypatch):
    with acting_as(shared.stranger, monkeypatch), pytest.raises(CacheRefused):
        shared.cache_client(shared.made).get("a")


def test_a_right_for_the_cache_alone_is_not_enough(shared, monkeypatch):
    role = shared.role("other-user", uses(user="somebody"))
    with acting_as(role, monkeypatch), pytest.raises(CacheRefused):
        shared.cache_client(shared.made).get("a")


def test_a_user_outside_the_user_group_is_refused(shared, monkeypatch):
    shared.elasticache.create_user(
        UserId="outside",
        UserName="outside",
        Engine="valkey",
        AccessString="on ~* +@all",
        AuthenticationMode={"Type": "iam"},
    )
    role = shared.role("outside", uses(user="outside"))
    with acting_as(role, monkeypatch), pytest.raises(CacheRefused):
        shared.cache_client(shared.made, "outside").get("a")


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.replace("User=prices-app", "User=admin"),
        lambda token: "x" + token,
        lambda token: token.replace("X-Amz-Expires=900", "X-Amz-Expires=901"),
        lambda token: token + "&Action=connect",
    ],
    ids=["signature", "user", "cache", "longer", "twice"],
)
def test_a_changed_token_is_refused(as_app, change):
    token = iam_token.cache_token("prices", "prices-app")
    client = _plain(as_app, change(token))
    with pytest.raises(valkey.AuthenticationError):
        client.ping()
    client.close()


def test_a_token_is_accepted_for_15_minutes(as_app, monkeypatch):
    for age, accepted in ((870, True), (901, False)):

        def now(remove_tzinfo=True, age=age):
            made = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=age)
            return made.replace(tzinfo=None) if remove_tzinfo else made

        monkeypatch.setattr("botocore.auth.get_current_datetime", now)
        client = _plain(as_app, iam_token.cache_token("prices", "prices-app"))
        if accepted:
            assert client.ping()
        else:
            with pytest.raises(valkey.AuthenticationError):
                client.ping()
        client.close()


def test_nobody_gets_in_without_a_login(as_app):
    settings = as_app.cache_settings(as_app.made)
    client = valkey.Valkey(
        settings.cache_host, settings.cache_port, ssl=True, ssl_ca_certs=settings.ca_file
    )
    with pytest.raises(valkey.AuthenticationError, match="Authentication required"):
        client.get("a")
    client.close()


def test_a_connection_without_tls_is_refused(as_app):
    settings = as_app.cache_settings(as_app.made)
    client = valkey.Valkey(settings.cache_host, settings.cache_port, socket_timeout=5)
    with pytest.raises(valkey.ConnectionError):
        client.ping()
    client.close()


def test_a_client_does_not_trust_another_authority(as_app):
    settings = dataclasses.replace(as_app.cache_settings(as_app.made), ca_file="")
    with pytest.raises(CacheUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        Cache(settings).get("a")


def test_the_access_string_is_enforced(as_app):
    token = iam_token.cache_token("prices", "prices-app")
    client = _plain(as_app, token)
    client.set("b", "1")
    with pytest.raises(valkey.ResponseError, match="no permissions"):
        client.flushall()
    client.close()


def test_the_third_version_of_the_protocol_works(as_app):
    settings = as_app.cache_settings(as_app.made)
    client = valkey.Valkey(
        settings.cache_host,
        settings.cache_port,
        username="prices-app",
        password=iam_token.cache_token("prices", "prices-app"),
        ssl=True,
        ssl_ca_certs=settings.ca_file,
        protocol=3,
    )
    client.hset("h", mapping={"a": "1"})
    assert client.hgetall("h") == {b"a": b"1"}
    client.close()


def test_a_cache_that_hangs_costs_half_a_second_at_most(as_app, client):
    client.set("a", "1", seconds=60)
    pid = as_app.cache_process()
    os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(CacheUnavailable, match=r"no answer in 0\.2 s"):
            client.get("a")
        connected = time.monotonic() - started
        with pytest.raises(CacheUnavailable):
            as_app.cache_client(as_app.made).get("a")  # with a new connection
    finally:
        os.kill(pid, signal.SIGCONT)
    # Half of a second on an idle machine: the bound here only excludes repetitions without end.
    assert connected < 5
    until(lambda: client.get("a") == b"1")


def test_a_killed_cache_is_started_again_empty(as_app, client):
    client.set("a", "1", seconds=60)
    before = as_app.cache_process()
    os.kill(before, signal.SIGKILL)

    def back():
        try:
            return client.get("a") is None
        except CacheUnavailable:
            return False

    until(back, 30)
    assert as_app.cache_process() != before


def test_a_password_user_logs_in_with_its_password(cloud):
    stores = Stores(cloud)
    stores.made = stores.cache()
    stores.elasticache.modify_user(
        UserId="prices-app", AuthenticationMode={"Type": "password", "Passwords": ["a" * 16]}
    )
    client, wrong = _plain(stores, "a" * 16), _plain(stores, "b" * 16)
    assert client.ping()
    with pytest.raises(valkey.AuthenticationError):
        wrong.ping()
    for each in (client, wrong):
        each.close()


def test_a_deleted_cache_ends(cloud):
    stores = Stores(cloud)
    stores.made = stores.cache()
    pid = stores.cache_process()
    stores.elasticache.delete_serverless_cache(ServerlessCacheName="prices")
    until(lambda: not os.path.exists(f"/proc/{pid}"))


def test_an_iam_user_has_one_name(cloud):
    with pytest.raises(Exception, match="must be the same"):
        cloud.client("elasticache").create_user(
            UserId="a",
            UserName="b",
            Engine="valkey",
            AccessString="on ~* +@all",
            AuthenticationMode={"Type": "iam"},
        )
