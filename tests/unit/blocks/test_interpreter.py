"""The interpreter that compiles bytecode: this one, another of this machine, or a fetched one."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pulumi
import pytest

from components._blocks import interpreter as _interpreter
from components._blocks.build_process import BundleError
from components._blocks.interpreter import interpreter
from components._blocks.runtimes import LAMBDA_PYTHONS
from tests.interpreters import every_interpreter, interpreter_or_skip  # noqa: F401
from tests.projects import PYTHON

pytestmark = pytest.mark.slow  # starts uv
OTHERS = [each for each in LAMBDA_PYTHONS if each != PYTHON]


@pytest.fixture
def other(every_interpreter: None) -> tuple[str, str]:  # noqa: F811
    """A version that is not the one of the tests, and its interpreter."""
    for python in OTHERS:
        try:
            return python, interpreter(python)
        except BundleError:
            continue
    return OTHERS[0], interpreter_or_skip(OTHERS[0])


@pytest.fixture
def without_interpreters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let uv find no interpreter."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "pythons"))
    interpreter.cache_clear()


def test_the_version_of_the_program_is_its_own_interpreter():
    assert interpreter(PYTHON) == sys.executable


def test_another_version_is_found_on_this_machine(other: tuple[str, str]):
    assert _version(other[1]) == other[0]


@pytest.mark.parametrize("downloads", ["never", "manual"])
def test_downloads_can_be_refused(
    downloads: str, without_interpreters: None, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", downloads)
    with pytest.raises(BundleError) as raised:
        interpreter(OTHERS[0])
    for hint in (f"uv python install {OTHERS[0]}`", "`functions.python`", "`lambdaPython`"):
        assert hint in str(raised.value)
    assert Path(str(raised.value).split("`")[1].split()[0]).is_file(), "the named uv exists"
    assert "fetches" not in capsys.readouterr().err


def test_a_failed_download_says_what_to_do(
    without_interpreters: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", (tmp_path / "nowhere").as_uri())
    with pytest.raises(
        BundleError, match=rf"(?s)uv python install {OTHERS[0]}`.*nowhere"
    ) as raised:
        interpreter(OTHERS[0])
    assert "`lambdaPython`" in str(raised.value)


def test_a_missing_version_is_fetched_with_a_message(
    other: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """uv fetches from a mirror that has the interpreter of this machine."""
    python, found = other
    logged: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", logged.append)
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(_mirror(python, found, tmp_path)))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "pythons"))
    monkeypatch.delenv("UV_PYTHON_DOWNLOADS")
    interpreter.cache_clear()
    fetched = interpreter(python)
    assert Path(fetched).is_relative_to(tmp_path / "pythons")
    assert _version(fetched) == python
    (message,) = logged
    assert f"no Python {python}" in message and "UV_PYTHON_DOWNLOADS=never" in message
    interpreter.cache_clear()
    assert interpreter(python) == fetched
    assert logged == [message], "it is fetched once"


def test_uv_prints_the_path(other: tuple[str, str]):
    """With `--quiet`, uv prints no path and reports success."""
    assert Path(_interpreter.run_uv(["python", "find", other[0]], problem="")).is_file()


def _version(path: str) -> str:
    code = "import sys; print('{}.{}'.format(*sys.version_info))"
    return subprocess.check_output([path, "-c", code], text=True).strip()


def _mirror(python: str, path: str, folder: Path) -> Path:
    """Pack an installed interpreter as uv downloads them. Return the list of downloads."""
    code = "import json, os, platform, sys; print(json.dumps([sys.base_prefix, os.__file__, " + (
        "platform.machine(), list(sys.version_info[:3])]))"
    )
    prefix, library, machine, version = json.loads(
        subprocess.check_output([path, "-I", "-c", code], text=True)
    )
    packed = folder / "python.tar.gz"
    with tarfile.open(packed, "w:gz", compresslevel=1) as archive:
        archive.add(Path(path).resolve(), f"python/bin/python{python}")
        archive.add(Path(library).parent, f"python/lib/python{python}", filter=_without_tests)
        for shared in Path(prefix).rglob(f"libpython{python}.so*"):
            archive.add(shared, f"python/{shared.relative_to(prefix)}")
    system = {"linux": "linux", "darwin": "macos"}[sys.platform]
    libc = "gnu" if system == "linux" else "none"
    major, minor, patch = version
    entry = {
        "name": "cpython",
        "arch": {"family": machine.replace("arm64", "aarch64"), "variant": None},
        "os": system,
        "libc": libc,
        "major": major,
        "minor": minor,
        "patch": patch,
        "prerelease": "",
        "url": packed.as_uri(),
        "sha256": None,
        "variant": None,
        "build": "20260101",
    }
    downloads = folder / "downloads.json"
    downloads.write_text(json.dumps({f"cpython-{python}": entry}))
    return downloads


def _without_tests(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    skipped = {"test", "site-packages", "__pycache__", "idlelib", "tkinter", "ensurepip"}
    return None if skipped & set(Path(member.name).parts) else member
