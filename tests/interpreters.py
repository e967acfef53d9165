"""The Python interpreters of this machine, beside the one that runs the tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from components._blocks.build_process import BundleError
from components._blocks.interpreter import interpreter

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"


@pytest.fixture
def every_interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let uv find what pyenv has installed, which pyenv's shims may hide, and fetch nothing."""
    found = sorted(path.as_posix() for path in PYENV.glob("3.*/bin"))
    monkeypatch.setenv("PATH", os.pathsep.join([*found, os.environ["PATH"]]))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    interpreter.cache_clear()
    yield
    interpreter.cache_clear()


def interpreter_or_skip(python: str) -> str:
    """Find an interpreter of a minor version. Skip the test if there is none."""
    try:
        return interpreter(python)
    except BundleError:
        pytest.skip(f"no Python {python} on this machine: run `uv python install {python}`")
