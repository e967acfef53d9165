"""Logins and migrations, on a real PostgreSQL server."""

import hashlib
import itertools
import threading

import pytest
from database.apply.app import Server, apply
from database.apply.migrations import MigrationFailed
from postgres import DatabaseError

from local.emulator import Emulator
from tests.emulator.cloud import Cloud
from tests.emulator.stores import Stores, acting_as, connects

FIRST = "CREATE TABLE bookings (key text PRIMARY KEY);"
SECOND = "ALTER TABLE bookings ADD COLUMN amount bigint; INSERT INTO bookings VALUES ('a', 1);"
pytestmark = pytest.mark.slow  # an emulator with a database
names = (f"base{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def stores():
    with Emulator() as emulator:
        made = Stores(Cloud(emulator))
        made.instance = made.database()
        yield made


@pytest.fixture(autouse=True)
def closed(stores):
    yield
    stores.close()


class World:
    """A new database, and a folder of migrations."""

    def __init__(self, stores, folder):
        self.stores, self.folder, self.name = stores, folder, next(names)
        stores.manager(stores.instance).run(f"CREATE DATABASE {self.name}")
        self.manager = self.client("manager", stores.secret(stores.instance)["password"])

    def client(self, user, password=None):
        settings = self.stores.settings(self.stores.instance, user)
        settings = type(settings)(**{**vars(settings), "database_name": self.name})
        given = {"password": lambda _: password} if password else {}
        return self.stores.client(settings, **given)

    def files(self, **texts):
        for name, text in texts.items():
            (self.folder / f"{name.removeprefix('_')}.sql").write_text(text)

    def apply(self, logins=("app",)):
        settings = self.stores.settings(self.stores.instance)
        secret = self.stores.secret(self.stores.instance)
        server = Server(settings.database_host, settings.database_port, self.name, settings.ca_file)
        digests = {
            each.name: hashlib.sha256(each.read_bytes()).hexdigest()
            for each in self.folder.iterdir()
        }
        event = {
            "user": secret["username"],
            "password": secret["password"],
            "logins": list(logins),
            "migrations": digests,
        }
        return apply(event, server, self.folder)["applied"]

    def columns(self):
        text = (
            "SELECT column_name AS n FROM information_schema.columns WHERE table_name = 'bookings'"
        )
        return {row["n"] for row in self.manager.run(text)}


@pytest.fixture
def world(stores, tmp_path):
    return World(stores, tmp_path)


def test_each_migration_runs_once(world):
    world.files(_0001_bookings=FIRST)
    assert world.apply() == ["0001_bookings.sql"]
    world.files(_0002_amounts=SECOND)
    assert world.apply() == ["0002_amounts.sql"]
    assert world.apply() == []
    assert world.manager.run("SELECT * FROM bookings") == [{"key": "a", "amount": 1}]


def test_a_failing_migration_is_named_and_rolled_back(world):
    world.files(_0001_bookings=FIRST, _0002_amounts=SECOND + "SELECT nothing;", _0003_more=FIRST)
    with pytest.raises(MigrationFailed, match=r'^0002_amounts\.sql: column "nothing" .*42703'):
        world.apply()
    assert world.columns() == {"key"}
    world.files(_0002_amounts=SECOND, _0003_more="SELECT 1;")
    assert world.apply() == ["0002_amounts.sql", "0003_more.sql"]


def test_a_migration_that_was_changed_after_its_run_is_refused(world):
    world.files(_0001_bookings=FIRST)
    world.apply()
    world.files(_0001_bookings=FIRST + "-- more")
    with pytest.raises(MigrationFailed, match=r"^0001_bookings\.sql: it was run with other"):
        world.apply()


def test_a_migration_before_one_that_was_run_is_refused(world):
    world.files(_0002_bookings=FIRST)
    world.apply()
    world.files(_0001_late="SELECT 1;")
    with pytest.raises(MigrationFailed, match=r"^0001_late\.sql: 0002_bookings\.sql was run"):
        world.apply()


def test_an_older_deployment_can_run_again(world):
    world.files(_0001_bookings=FIRST, _0002_amounts=SECOND)
    world.apply()
    (world.folder / "0002_amounts.sql").unlink()
    assert world.apply() == []


def test_a_migration_that_commits_is_refused(world):
    world.files(_0001_bookings=FIRST + "COMMIT; CREATE TABLE other (n int);")
    with pytest.raises(MigrationFailed, match=r"^0001_bookings\.sql: it has COMMIT"):
        world.apply()


def test_two_deployments_at_once_run_each_migration_once(world):
    world.files(_0001_bookings=FIRST, _0002_amounts=SECOND + "SELECT pg_sleep(0.3);")
    applied = []
    runs = [threading.Thread(target=lambda: applied.extend(world.apply())) for _ in range(3)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert sorted(applied) == ["0001_bookings.sql", "0002_amounts.sql"]
    assert len(world.manager.run("SELECT * FROM bookings")) == 1


def test_a_login_reads_and_writes_tables_and_changes_no_schema(world, monkeypatch):
    world.files(_0001_bookings=FIRST)
    world.apply()
    world.files(_0002_amounts=SECOND, _0003_numbers="CREATE TABLE later (n serial);")
    world.apply()
    role = world.stores.role(f"app-{world.name}", connects(world.stores.instance))
    with acting_as(role, monkeypatch):
        app = world.client("app")
        app.run("UPDATE bookings SET amount = 2")
        app.run("INSERT INTO later DEFAULT VALUES")
        assert app.run("SELECT amount FROM bookings") == [{"amount": 2}]
        for refused in (
            "DROP TABLE bookings",
            "CREATE TABLE mine (n int)",
            "CREATE TEMPORARY TABLE mine (n int)",
            "SELECT * FROM colonnade.migrations",
            "TRUNCATE bookings",
            "GRANT rds_iam TO manager",
        ):
            with pytest.raises(DatabaseError, match="42501"):
                app.run(refused)


def test_a_login_that_is_no_longer_listed_is_locked(world):
    world.apply(["first", "second"])
    world.apply(["second"])
    text = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname IN ('first', 'second')"
    assert world.manager.run(text) == [{"rolname": "second"}]
    world.apply(["first", "second"])
    assert len(world.manager.run(text)) == 2


def test_a_database_of_other_users_is_closed_to_them(world, stores, monkeypatch):
    world.apply(["app"])
    manager = stores.manager(stores.instance)
    manager.run(f"CREATE ROLE stranger_{world.name} LOGIN")
    manager.run(f"GRANT rds_iam TO stranger_{world.name}")
    role = stores.role(
        f"stranger-{world.name}", connects(stores.instance, f"stranger_{world.name}")
    )
    with acting_as(role, monkeypatch), pytest.raises(DatabaseError, match="42501"):
        world.client(f"stranger_{world.name}").run("SELECT 1")
