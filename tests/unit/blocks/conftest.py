"""The folder of a caller's own function, and one with packages."""

from pathlib import Path

import pulumi
import pytest

from tests.unit.blocks.callers import HANDLER, write


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a function in a program's folder, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"mine/app.py": HANDLER})
    return tmp_path / "mine"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which packages are installed, and nothing else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the program logs."""
    lines: list[str] = []
    for level in ("info", "warn"):
        monkeypatch.setattr(
            pulumi.log, level, lambda text, level=level: lines.append(f"{level}: {text}")
        )
    return lines
