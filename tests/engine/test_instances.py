"""The life of a service on instances on Pulumi's engine: versions that fail change nothing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.emulator.services import Load, get
from tests.engine.accounts import ROOT, Account, Done
from tests.engine.projects import Project
from tests.projects import PROGRAMS

GOOD = 'VERSION = "1"'


class Service(Project):
    """The program `instances`, with the code of its service."""

    def __init__(self, account: Account) -> None:
        folder = account.folder / "instances"
        shutil.copytree(PROGRAMS / "instances", folder)
        (folder / "Pulumi.yaml").write_text("name: instances\nruntime: python\n")
        (folder / "Pulumi.dev.yaml").write_text("config: { aws:region: us-east-1 }\n")
        for part in ("components", "handlers"):
            (folder / part).symlink_to(ROOT / part)
        super().__init__(account, folder)
        self._addresses = Path(account.environment["COLONNADE_ADDRESSES"])
        self._code = folder / "ledger" / "app.py"
        self._text = self._code.read_text()

    def url(self, done: Done) -> str:
        """Return the address on this machine of the service."""
        lines = self._addresses.read_text().splitlines()
        return dict(json.loads(line) for line in lines)[done.outputs["url"]]

    def deploy(self, line: str) -> Done:
        """Deploy another version of the code, in which a line is replaced."""
        assert GOOD in self._text
        self._code.write_text(self._text.replace(GOOD, line))
        return self.run("dev", "up")


@pytest.fixture(scope="module")
def service(account: Account) -> Service:
    return Service(account)


@pytest.fixture(scope="module")
def up(service: Service) -> Done:
    made = service.run("dev", "up")
    assert made.succeeded, made.printed
    return made


@pytest.fixture
def version(service: Service, up: Done) -> Callable[[], str]:
    """The version of the service that answers."""
    return lambda: get(service.url(up))[1]["version"]


def test_a_second_preview_has_no_changes(service: Service, up: Done):
    assert up.troubles == []
    done = service.run("dev", "preview", expect_no_changes=True)
    assert done.succeeded, done.printed


def archives(account: Account) -> int:
    """Return the number of archives of code in the bucket of the service."""
    s3 = account.client("s3")
    names = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    [bucket] = [each for each in names if each.startswith("ledger-code")]
    return s3.list_objects_v2(Bucket=bucket)["KeyCount"]


def test_a_version_that_cannot_start_fails_the_update(
    service: Service, account: Account, up: Done, version
):
    with Load(service.url(up)) as load:
        done = service.deploy('raise SystemExit("cannot start")')
        assert not done.succeeded
    reasons = [text for _severity, text in done.messages if "is not in service" in text]
    assert reasons and "RollbackSuccessful" in reasons[0], done.printed
    assert version() == "1" and set(load.statuses()) == {200}
    assert archives(account) == 2  # a new instance of the last version needs its own


def test_the_next_update_does_not_take_it_for_deployed(service: Service, up: Done, version):
    done = service.run("dev", "up")
    assert not done.succeeded
    assert version() == "1"


def test_an_edit_of_the_code_changes_only_its_template_and_instances(
    service: Service, up: Done, version
):
    with Load(service.url(up)) as load:
        done = service.deploy('VERSION = "2"')
        assert done.succeeded, done.printed
    assert set(done.changes) == {"ledger-code-archive", "ledger-template", "ledger-rollout"}
    assert version() == "2" and set(load.statuses()) == {200}


def test_neither_preview_nor_refresh_finds_a_change_after_it(service: Service, up: Done):
    for operation in ("preview", "refresh"):
        done = service.run("dev", operation, expect_no_changes=True)
        assert done.succeeded, done.printed


def test_a_version_that_answers_with_errors_is_rolled_back(service: Service, up: Done, version):
    with Load(service.url(up)) as load:
        done = service.deploy("")  # without VERSION every request fails
        assert not done.succeeded
    assert any("an alarm of the specification" in text for _severity, text in done.messages)
    assert version() == "2" and load.statuses().keys() == {200, 502}


def test_destroy_leaves_nothing(service: Service, account: Account, up: Done):
    done = service.run("dev", "destroy")
    assert done.succeeded, done.printed
    assert account.leftovers() == []
    for name, operation, key in (
        ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"),
        ("ec2", "describe_launch_templates", "LaunchTemplates"),
        ("elbv2", "describe_target_groups", "TargetGroups"),
    ):
        assert getattr(account.client(name), operation)()[key] == []
