"""The life of a database and a cache on Pulumi's engine: migrations run, or fail the update."""

import json
import shutil

import pytest

from tests.engine.accounts import ROOT, Account, Done
from tests.engine.projects import ARCHITECTURE, PYTHON, Project
from tests.projects import PROGRAMS

CONFIG = f"""
config:
  aws:region: us-east-1
  stores:lambdaArchitecture: {ARCHITECTURE}
  stores:lambdaPython: "{PYTHON}"
"""


class Stores(Project):
    """The program `stores`, with its migrations."""

    def __init__(self, account: Account) -> None:
        folder = account.folder / "stores"
        shutil.copytree(PROGRAMS / "stores", folder)
        (folder / "Pulumi.yaml").write_text("name: stores\nruntime: python\n")
        (folder / "Pulumi.dev.yaml").write_text(CONFIG)
        for part in ("components", "handlers"):
            (folder / part).symlink_to(ROOT / part)
        super().__init__(account, folder)
        self.schema = folder / "schema"

    def use(self, done: Done, key: str) -> dict:
        """Let the function write and read a booking."""
        answer = self._account.client("lambda").invoke(
            FunctionName=done.outputs["function"], Payload=json.dumps({"key": key})
        )
        return json.loads(answer["Payload"].read())


@pytest.fixture(scope="module")
def stores(account: Account) -> Stores:
    return Stores(account)


@pytest.fixture(scope="module")
def up(stores: Stores) -> Done:
    made = stores.run("dev", "up")
    assert made.succeeded, made.printed
    return made


def test_up_makes_stores_that_a_function_uses(stores: Stores, up: Done):
    assert stores.use(up, "a")["rows"] == [{"key": "a", "amount": 7, "number": 1}]


def test_a_second_preview_has_no_changes(stores: Stores, up: Done):
    done = stores.run("dev", "preview", expect_no_changes=True)
    assert done.succeeded, done.printed


def test_the_state_has_no_password(stores: Stores, account: Account, up: Done):
    secret = account.client("secretsmanager").get_secret_value(SecretId=up.outputs["secretArn"])
    password = json.loads(secret["SecretString"])["password"]
    assert password not in json.dumps(stores.export("dev"))


def test_a_migration_that_fails_fails_the_update_by_its_name(stores: Stores, up: Done):
    added = stores.schema / "0003_more.sql"
    added.write_text("ALTER TABLE bookings ADD COLUMN more text; SELECT nothing;")
    done = stores.run("dev", "up")
    assert not done.succeeded
    assert any("0003_more.sql" in text for _severity, text in done.messages), done.printed
    assert stores.use(up, "b")["rows"][0]["amount"] == 7


def test_a_migration_that_is_mended_changes_only_its_function(stores: Stores, up: Done):
    (stores.schema / "0003_more.sql").write_text("ALTER TABLE bookings ADD COLUMN more text;")
    done = stores.run("dev", "up")
    assert done.succeeded, done.printed
    assert set(done.changes) <= {"ledger-apply", "ledger-migration"}
    assert "ledger-migration" in done.changes
    assert stores.use(up, "a")["total"] == "14"


def test_destroy_leaves_nothing(stores: Stores, account: Account, up: Done):
    done = stores.run("dev", "destroy")
    assert done.succeeded, done.printed
    assert account.leftovers() == []
    assert account.client("rds").describe_db_instances()["DBInstances"] == []
    caches = account.client("elasticache").describe_serverless_caches()
    assert caches["ServerlessCaches"] == []
