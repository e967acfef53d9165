"""The components in programs of other languages, on Pulumi's engine."""

import json
import urllib.request
from collections import Counter

import pytest

from tests.engine.accounts import ROOT, Account, Done
from tests.engine.languages import LANGUAGES, schema
from tests.engine.projects import Project
from tests.orders import ORDER


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """The language, which is also the name of the stack."""
    return str(request.param)


@pytest.fixture(scope="module")
def project(language: str, account: Account) -> Project:
    """The example in that language."""
    return LANGUAGES[language](account)


@pytest.fixture(scope="module")
def previewed(language: str, project: Project) -> Done:
    """The result of a preview before the first `up`."""
    return project.run(language, "preview")


@pytest.fixture(scope="module")
def up(language: str, project: Project, previewed: Done) -> Done:
    """The result of `pulumi up`."""
    return project.run(language, "up")


def test_a_preview_has_no_warnings(previewed: Done):
    assert previewed.succeeded, previewed.printed
    assert previewed.troubles == []
    steps = Counter("/".join(each) for each in previewed.steps.values())
    assert steps.keys() == {"create"} and steps["create"] > 40


def test_the_cli_reads_the_schema_of_the_contract(account: Account, project: Project):
    contract = json.loads((ROOT / "tests" / "contract" / "schema.json").read_text())
    served = json.loads(schema(account, project))
    assert served["types"].keys() == contract["types"].keys()
    for kind, wanted in contract["resources"].items():
        for what in ("inputProperties", "properties"):
            assert served["resources"][kind].get(what, {}).keys() == wanted[what].keys()


def test_it_deploys_and_accepts_an_order(account: Account, up: Done):
    assert up.succeeded, up.printed
    assert up.troubles == []
    url = up.outputs["url"]
    with urllib.request.urlopen(f"{url}/hello") as answer:
        assert answer.read() == b"hello"
    headers = {"Content-Type": "application/json", "Idempotency-Key": "first"}
    request = urllib.request.Request(f"{url}/orders", json.dumps(ORDER).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
    table = account.client("dynamodb").scan(TableName=up.outputs["ordersTable"])
    assert table["Count"] == 1


def test_a_second_preview_has_no_changes(language: str, project: Project, up: Done):
    done = project.run(language, "preview", expect_no_changes=True)

    assert done.succeeded, done.printed


def test_destroy_leaves_nothing(account: Account, language: str, project: Project, up: Done):
    done = project.run(language, "destroy")

    assert done.succeeded, done.printed
    assert [each for each in account.leftovers() if "-logs-role-" not in each] == []
