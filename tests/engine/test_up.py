"""`make up ENGINE=pulumi`: the emulator with Pulumi's engine, as users run it."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.emulator.clients import Clients
from local.folder import Folder
from tests.engine.accounts import ROOT
from tests.projects import copy_repository

HANDLER = "handlers/outbox_pipeline/orders_read/app.py"
Local = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, with the CLI of this one."""
    folder = copy_repository(tmp_path_factory.mktemp("project"))
    folder.joinpath(".colonnade").mkdir()
    folder.joinpath(".colonnade", "engine").symlink_to(ROOT / ".colonnade" / "engine")
    return folder


@pytest.fixture(scope="module")
def local(project: Path) -> Local:
    """Runs `python -m local` with arguments in the copy."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "local", "--project", project, *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture(scope="module")
def up(local: Local) -> Iterator[str]:
    """The output of `up`. The system runs until the end of the tests."""
    done = local("up", "--systems=orders", "--port=0", "--engine=pulumi", "--detach")
    try:
        assert done.returncode == 0, done.stdout
        yield done.stdout
    finally:
        local("down")


def test_its_output_and_files_are_those_of_the_embedded_engine(up: str, project: Path):
    assert "\norders " in up and "\norders-api " in up and "\nready in " in up
    assert "\nnot emulated: aws:schemas/registry:Registry: " in up
    outputs = json.loads((project / ".local" / "outputs.json").read_text())
    folder = Folder(project)
    gateway = Clients(folder.endpoint(), folder.secret()).get("apigateway", "us-east-1", {})
    key = gateway.get_api_keys(includeValues=True)["items"][0]["value"]
    order = f"{outputs['orders']['apiUrl']}/orders/00000000-0000-4000-8000-000000000000"
    with pytest.raises(urllib.error.HTTPError) as none:
        urllib.request.urlopen(urllib.request.Request(order, headers={"x-api-key": key}))
    with none.value:
        assert none.value.code == 404, none.value.read()


def test_the_state_matches_the_resources(up: str, local: Local):
    assert "unchanged" in (done := local("pulumi", "preview")).stdout, done.stdout
    assert " to create" not in done.stdout and " to update" not in done.stdout


def test_a_saved_handler_updates_its_function(up: str, local: Local, project: Path):
    with (project / HANDLER).open("a") as file:
        file.write("\n# edited\n")

    previewed = local("pulumi", "preview")
    updated = local("pulumi", "up")

    assert "orders-api-function-orders-read" in previewed.stdout, previewed.stdout
    assert "~ 1 to update" in previewed.stdout or "~ 2 to update" in previewed.stdout
    assert updated.returncode == 0, updated.stdout
    assert " to update" not in local("pulumi", "preview").stdout


def test_destroy_removes_everything_and_down_leaves_no_state(up: str, local: Local, project: Path):
    destroyed = local("pulumi", "destroy")
    assert destroyed.returncode == 0, destroyed.stdout
    assert "aws:dynamodb:Table" in destroyed.stdout

    assert local("down").returncode == 0
    assert not (project / ".local" / "pulumi").exists()
    refused = local("pulumi", "preview")
    assert refused.returncode == 1
    assert "error: no stack of Pulumi's engine runs here" in refused.stdout
