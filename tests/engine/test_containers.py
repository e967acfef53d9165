"""The life of services in containers on Pulumi's engine: versions that fail change nothing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.emulator.cloud import until
from tests.emulator.services import Load, get
from tests.engine.accounts import ROOT, Account, Done
from tests.engine.projects import Project
from tests.projects import PROGRAMS

GOOD = 'VERSION = "1"'


class Services(Project):
    """The program `containers`, with the code of its service `catalogue`."""

    def __init__(self, account: Account) -> None:
        folder = account.folder / "containers"
        shutil.copytree(PROGRAMS / "containers", folder)
        (folder / "Pulumi.yaml").write_text("name: containers\nruntime: python\n")
        (folder / "Pulumi.dev.yaml").write_text("config: { aws:region: us-east-1 }\n")
        for part in ("components", "handlers"):
            (folder / part).symlink_to(ROOT / part)
        super().__init__(account, folder)
        self._addresses = Path(account.environment["COLONNADE_ADDRESSES"])
        self._code = folder / "catalogue" / "app.py"
        self._text = self._code.read_text()

    def url(self, done: Done, service: str) -> str:
        """Return the address on this machine of a service."""
        lines = self._addresses.read_text().splitlines()
        return dict(json.loads(line) for line in lines)[done.outputs[service]]

    def has_rung(self, alarm: str) -> bool:
        """Return whether an alarm has gone off."""
        found = self._account.client("cloudwatch").describe_alarm_history(
            HistoryItemType="StateUpdate", MaxRecords=100
        )["AlarmHistoryItems"]
        return any(
            each["AlarmName"].startswith(alarm) and "to ALARM" in each["HistorySummary"]
            for each in found
        )

    def deploy(self, first_line: str) -> Done:
        """Deploy another version of the code, in which a line is replaced."""
        assert GOOD in self._text
        self._code.write_text(self._text.replace(GOOD, first_line))
        return self.run("dev", "up")


@pytest.fixture(scope="module")
def services(account: Account) -> Services:
    return Services(account)


@pytest.fixture(scope="module")
def up(services: Services) -> Done:
    made = services.run("dev", "up")
    assert made.succeeded, made.printed
    return made


@pytest.fixture
def version(services: Services, up: Done) -> Callable[[], str]:
    """The version of the service that answers."""
    return lambda: get(services.url(up, "catalogue"))[1]["version"]


def test_up_waits_until_the_services_answer(services: Services, up: Done):
    assert up.troubles == []
    status, answer = get(services.url(up, "caller"))
    assert (status, answer["version"]) == (200, "1")


def test_a_second_preview_has_no_changes(services: Services, up: Done):
    done = services.run("dev", "preview", expect_no_changes=True)
    assert done.succeeded, done.printed


def test_a_version_that_cannot_start_fails_the_update(services: Services, up: Done, version):
    with Load(services.url(up, "catalogue")) as load:
        done = services.deploy('raise SystemExit("cannot start")')
        assert not done.succeeded
    assert any("circuit breaker" in text for _severity, text in done.messages), done.printed
    assert version() == "1" and set(load.statuses()) == {200}
    until(lambda: services.has_rung("catalogue-deployments"))


def test_an_edit_of_the_code_changes_only_its_image_and_tasks(
    services: Services, up: Done, version
):
    url = services.url(up, "catalogue")
    # The old tasks stop with slow requests in flight.
    with Load(url) as load, Load(url, "/slow", callers=2) as slow:
        done = services.deploy('VERSION = "2"')
        assert done.succeeded, done.printed
    assert set(done.changes) == {
        "catalogue-code-archive",
        "catalogue-image",
        "catalogue-service",
        "catalogue-task",
    }
    assert version() == "2" and set(load.statuses()) == set(slow.statuses()) == {200}


def test_a_preview_after_the_canary_has_no_changes(services: Services, up: Done):
    done = services.run("dev", "preview", expect_no_changes=True)
    assert done.succeeded, done.printed


def test_a_canary_that_answers_with_errors_is_rolled_back(services: Services, up: Done, version):
    with Load(services.url(up, "catalogue")) as load:
        done = services.deploy("")  # without VERSION every request fails
        assert not done.succeeded
    assert any("alarm detected" in text for _severity, text in done.messages), done.printed
    assert version() == "2"
    answered = load.statuses()
    assert answered[502] <= 0.2 * answered.total()


def test_destroy_leaves_nothing(services: Services, account: Account, up: Done):
    done = services.run("dev", "destroy")
    assert done.succeeded, done.printed
    assert account.leftovers() == []
    for service, operation, key in (
        ("ecs", "list_clusters", "clusterArns"),
        ("ecr", "describe_repositories", "repositories"),
        ("elbv2", "describe_load_balancers", "LoadBalancers"),
        ("elbv2", "describe_target_groups", "TargetGroups"),
    ):
        assert getattr(account.client(service), operation)()[key] == []
