"""The wheel is imported as `colonnade`, beside the `components` and `handlers` of a project."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

from tests.projects import PYTHON, ROOT

PROGRAM = f"""
import pathlib
import components, handlers
from colonnade import OutboxPipeline
from colonnade._blocks.bundle import Bundle
assert components.MINE and handlers.MINE
bundle = Bundle("outbox_pipeline/relay", python="{PYTHON}")
print(OutboxPipeline.__module__, bundle.handler, bundle.build())
"""


@pytest.mark.slow
def test_an_installed_wheel_builds_its_own_bundles(tmp_path: Path):
    wheel = [uv.find_uv_bin(), "build", "--wheel", "--quiet", "--no-build-isolation", "--python"]
    subprocess.run([*wheel, sys.executable, "--out-dir", tmp_path, ROOT], check=True)
    site = tmp_path / "site"
    with zipfile.ZipFile(next(tmp_path.glob("colonnade-*.whl"))) as archive:
        archive.extractall(site)
    tops = {path.name for path in site.iterdir() if path.suffix != ".dist-info"}
    assert tops == {"colonnade"}

    project = tmp_path / "project"
    for name in ("components", "handlers"):
        (project / name).mkdir(parents=True)
        (project / name / "__init__.py").write_text("MINE = True\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    module, handler, path = done.stdout.split()
    assert (module, handler) == (
        "colonnade.outbox_pipeline.component",
        "outbox_pipeline.relay.app.handler",
    )
    with zipfile.ZipFile(project / path) as archive:
        assert "outbox_pipeline/_shared/publisher/__init__.py" in archive.namelist()
