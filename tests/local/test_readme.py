"""README's "Try it": its commands, run as they stand, print what it says."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
TRY_IT = README[README.index("## Try it") : README.index("## Deploy to AWS")]
BLOCKS = re.findall(r"```(sh)?\n(.*?)```", TRY_IT, re.DOTALL)
COMMANDS = "".join(text for kind, text in BLOCKS if kind)
PROMISES = [text.strip() for kind, text in BLOCKS if not kind]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files of the repository in a new folder, with the virtual environment of this one."""
    tracked = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in tracked.splitlines():
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    # The pages' own ports may be taken on this machine.
    config = tmp_path / "Pulumi.dev.yaml"
    config.write_text(
        f"{config.read_text()}  colonnade:todoSiteUrl: http://localhost:{free_port()}\n"
        f"  colonnade:telemetrySiteUrl: http://localhost:{free_port()}\n"
    )
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def without_what_varies(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)", "<time>", text)


def test_try_it(clone: Path):
    callers = ("AWS_", "MAKE", "MFLAGS", "PULUMI_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(callers)}
    done = subprocess.run(
        ["bash", "-e", "-c", COMMANDS],
        cwd=clone,
        env={**environment, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = without_what_varies(done.stdout)
    for promise in PROMISES:
        for line in without_what_varies(promise).splitlines():
            assert line in printed, f"README promises:\n{line}\nbut it printed:\n{printed}"
    assert printed.rstrip().endswith("stopped")


def test_the_readme_names_files_that_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
