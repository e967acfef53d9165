"""The lifecycle of a stack on Pulumi's engine: create, no change, change, destroy."""

import os
from collections.abc import Iterator

import pytest

from tests.engine.accounts import Account, Done
from tests.engine.projects import Checkout

HANDLER = "handlers/outbox_pipeline/relay/app.py"


@pytest.fixture(scope="module")
def up(checkout: Checkout) -> Done:
    """The result of `pulumi up` of dev with all systems."""
    return checkout.run("dev", "up")


@pytest.fixture(scope="module")
def second(account: Account, up: Done) -> Iterator[Checkout]:
    """A checkout whose stack `second` runs in the same account."""
    made = Checkout(account, "second")
    made.configure("second", systems=["orders"])
    done = made.run("second", "up")
    assert done.succeeded, done.printed
    yield made


@pytest.fixture(scope="module")
def prod(checkout: Checkout) -> Done:
    """The result of `pulumi up` of a part of prod."""
    checkout.configure("prod", systems=["videos"])
    made = checkout.run("prod", "up")
    assert made.succeeded, made.printed
    return made


def test_up_deploys_the_platform_without_warnings(up: Done):
    assert up.succeeded, up.printed
    assert up.troubles == []


def test_a_second_preview_has_no_changes_beside_another_stack(
    checkout: Checkout, up: Done, second: Checkout
):
    done = checkout.run("dev", "preview", expect_no_changes=True)

    assert done.succeeded, done.printed
    assert done.changes == {}


def test_neither_the_folder_nor_file_times_are_changes(account: Account, second: Checkout):
    elsewhere = Checkout(account, "elsewhere")
    elsewhere.configure("second", systems=["orders"])
    for file in elsewhere.folder.joinpath("handlers").rglob("*.py"):
        os.utime(file, (1_000_000_000, 1_000_000_000))

    done = elsewhere.run("second", "preview", expect_no_changes=True)

    assert done.succeeded, done.printed


def test_refresh_finds_no_drift(checkout: Checkout, up: Done):
    done = checkout.run("dev", "refresh", expect_no_changes=True)

    assert done.succeeded, done.printed


def test_no_secret_is_readable_in_the_state_or_on_the_console(account: Account, up: Done):
    keys = account.client("apigateway").get_api_keys(includeValues=True)["items"]
    states = [each.read_text() for each in account.state.rglob("*") if each.is_file()]

    assert keys and any("orders-api-plan" in each for each in states)
    for key in keys:
        assert all(key["value"] not in each for each in [*states, up.printed])


def test_a_handler_edit_changes_only_that_function(second: Checkout):
    handler = second.folder / HANDLER
    handler.write_text(handler.read_text() + "\n# edited\n")

    done = second.run("second", "up")

    assert done.succeeded, done.printed
    assert done.changes == {"orders-relay": "update"}


def test_a_setting_changes_only_its_resources(second: Checkout):
    second.configure(
        "second", systems=["orders"], logRetentionDays=14, ordersArchiveRetentionDays=5
    )

    done = second.run("second", "up")

    assert done.succeeded, done.printed
    assert set(done.changes.values()) == {"update"}
    others = {name for name in done.changes if not name.endswith("-logs")}
    # Content that events refer to is retained as long as the events.
    assert others == {"orders-archive", "orders-claims-lifecycle"}


def test_a_permissions_boundary_changes_only_roles(account: Account, second: Checkout):
    policy = "arn:aws:iam::aws:policy/PowerUserAccess"
    second.configure("second", permissionsBoundaryArn=policy)

    done = second.run("second", "up")

    assert done.succeeded, done.printed
    assert len(done.changes) > 3 and set(done.changes.values()) == {"update"}
    resources = {
        each["urn"].rsplit("::", 1)[-1]: each for each in second.export("second")["resources"]
    }
    for name in done.changes:
        assert resources[name]["type"] == "aws:iam/role:Role"
        role = account.client("iam").get_role(RoleName=resources[name]["id"])["Role"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy


def test_removing_a_system_deletes_nothing_else(checkout: Checkout, up: Done):
    checkout.configure("dev", systems=["blog", "orders", "telemetry", "videos"])

    done = checkout.run("dev", "preview")

    assert done.succeeded, done.printed
    assert {name.split("-")[0] for name in done.changes} == {"todo"}
    assert set(done.changes.values()) == {"delete"}


def test_destroy_leaves_nothing_of_the_stack_and_all_of_the_other(
    account: Account, checkout: Checkout, second: Checkout
):
    done = second.run("second", "destroy")

    assert done.succeeded, done.printed
    assert not second.export("second").get("resources")
    left = checkout.run("dev", "destroy")
    assert left.succeeded, left.printed
    # The account's role for API logs is not deleted with the stacks.
    assert [each for each in account.leftovers() if "-logs-role-" not in each] == []


def test_destroy_of_prod_refuses_to_delete_data(account: Account, checkout: Checkout, prod: Done):
    before = account.leftovers()

    done = checkout.cli("destroy", "--yes", "--stack=prod")

    assert done.returncode != 0
    for name in ("videos-entitlements", "videos-api-users", "videos-content"):
        assert name in done.stdout
    assert account.leftovers() == before


def test_prod_can_be_destroyed_if_it_retains_no_data(
    account: Account, checkout: Checkout, prod: Done
):
    checkout.configure("prod", systems=["videos"], retainData=False)
    freed = checkout.run("prod", "up")
    assert freed.succeeded, freed.printed
    ended = {name for name, steps in freed.changes.items() if steps != "update"}
    assert ended == {"videos-content-versioning"}, "data that is not retained has no old versions"

    done = checkout.cli("destroy", "--yes", "--stack=prod")

    assert done.returncode == 0, done.stdout
