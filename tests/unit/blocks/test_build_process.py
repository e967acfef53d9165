"""Code that builds packages is pinned, and sees no credentials."""

import hashlib
import shutil
import tarfile
from pathlib import Path

import pytest

from components._blocks.build_process import BundleError, run
from components._blocks.bundle import Bundle
from tests.projects import PYTHON, ROOT

pytestmark = pytest.mark.slow  # installs packages

SECRETS = {
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "CI_JOB_TOKEN",
    "GITHUB_TOKEN",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "SSH_AUTH_SOCK",
}
SETUP = """
import os
from setuptools import setup
with open("spy.py", "w") as file:
    file.write(f"SEEN = {sorted(os.environ)!r}")
setup(name="spy", version="1", py_modules=["spy"])
"""


@pytest.fixture
def function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A function whose requirement `spy` is built from source and records the environment."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "spy-1"
    source.mkdir()
    (source / "setup.py").write_text(SETUP)
    (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: spy\nVersion: 1\n")
    with tarfile.open(tmp_path / "spy-1.tar.gz", "w:gz") as archive:
        archive.add(source, "spy-1")
    digest = hashlib.sha256((tmp_path / "spy-1.tar.gz").read_bytes()).hexdigest()
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "app.py").write_text("import spy\ndef handler(event, context): ...\n")
    (folder / "requirements.txt").write_text(f"--no-binary spy\nspy==1 --hash=sha256:{digest}\n")
    shutil.copy(ROOT / "handlers/todo_list/todos_read_dax/requirements.build.txt", folder)
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    for name in SECRETS:
        monkeypatch.setenv(name, "secret")
    return folder


def test_code_that_builds_a_package_sees_no_credentials(function: Path, tmp_path: Path):
    shutil.unpack_archive(Bundle("mine", python=PYTHON).build(), tmp_path / "task")
    seen = (tmp_path / "task" / "spy.py").read_text()
    assert "'PATH'" in seen
    assert not [name for name in SECRETS if name in seen]


def test_other_build_processes_see_no_credentials(function: Path):
    assert "secret" not in run(["env"], problem="")


@pytest.mark.parametrize(
    ("pins", "problem"),
    [
        (None, "no trusted hash was provided for: `setuptools`"),
        ("setuptools\n", "setuptools without a hash"),
        (f"setuptools==80.9.0 --hash=sha256:{'0' * 64}\n", "Hash mismatch"),
    ],
    ids=["missing", "unpinned", "another hash"],
)
def test_what_builds_a_package_is_pinned_by_its_hash(
    function: Path, pins: str | None, problem: str
):
    file = function / "requirements.build.txt"
    file.unlink()
    if pins:
        file.write_text(pins)
    with pytest.raises(BundleError, match=f"(?s)requirements.build.txt.*({problem})"):
        Bundle("mine", python=PYTHON).build()


def test_the_pin_of_a_builder_is_an_input(function: Path):
    bundle = Bundle("mine", python=PYTHON)
    before = bundle.build()
    file = function / "requirements.build.txt"
    file.write_text(f"{file.read_text()}# changed\n")
    assert bundle.build() != before
