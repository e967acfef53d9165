"""Every function works under each Python version that is offered, and others are rejected."""

import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from components._blocks.bundle import Bundle
from components._blocks.runtimes import PYTHONS
from local.emulator.process import RUNTIME
from tests.interpreters import every_interpreter, interpreter_or_skip  # noqa: F401
from tests.projects import ROOT

pytestmark = pytest.mark.slow  # installs packages

ARCHITECTURE = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
SOURCES = sorted(
    app.parent.relative_to(ROOT / "handlers").as_posix()
    for app in (ROOT / "handlers").glob("*/*/app.py")
)
# The sources of a bundle are replaced by code that fails: only valid bytecode can be imported.
IMPORT = """
import importlib, pathlib, sys
task, module = sys.argv[1:]
for source in pathlib.Path(task).rglob("*.py"):
    source.write_text("raise SystemExit('the bytecode is not used')")
sys.path[:0] = [task]
assert callable(importlib.import_module(module).handler)
"""


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.usefixtures("every_interpreter")
def test_every_bundle_is_imported_under_each_offered_version(python: str, tmp_path: Path):
    found = interpreter_or_skip(python)
    assert len(SOURCES) > 20
    # boto3 and what it needs are pure Python: the packages of one version serve the others.
    (runtime,) = Path(RUNTIME).parents[1].glob("lib/python3.*/site-packages")
    problems = []
    for source in SOURCES:
        bundle = Bundle(source, ARCHITECTURE, python)
        task = tmp_path / source
        with zipfile.ZipFile(bundle.build()) as archive:
            archive.extractall(task)
        done = subprocess.run(
            [found, "-S", "-B", "-c", IMPORT, task, bundle.handler.removesuffix(".handler")],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(runtime)},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            problems.append(f"{source}: {done.stderr.strip().splitlines()[-1]}")
    assert not problems


def test_a_version_that_lambda_lacks_is_only_for_local_mode():
    """Lambda's Python 3.11 runs on Amazon Linux 2, which is too old for the wheels."""
    code = "from components._blocks.runtimes import PYTHONS; print(*PYTHONS)"
    for local, offered in (("", "3.12 3.13 3.14"), ("3.11", "3.11 3.12 3.13 3.14")):
        environment = {**os.environ, "COLONNADE_LOCAL_PYTHON": local}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.stdout.strip() == offered, done.stderr
