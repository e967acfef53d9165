"""The commands of "Try it" in README print the output that it shows."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.projects import ROOT, copy_repository, free_port

README = (ROOT / "README.md").read_text()
TRY_IT = README[README.index("## Try it") : README.index("## Deploy to AWS")]
BLOCKS = re.findall(r"```(sh)?\n(.*?)```", TRY_IT, re.DOTALL)
COMMANDS = "".join(text for kind, text in BLOCKS if kind)
PROMISES = [text.strip() for kind, text in BLOCKS if not kind]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return copy_repository(tmp_path)


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
