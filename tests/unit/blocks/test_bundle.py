"""Bundles: equal inputs give equal bytes, and any changed input gives a new file."""

import importlib.util
import marshal
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import uv

from components._blocks import bundle as _bundle
from components._blocks.build_process import BundleError
from components._blocks.bundle import Bundle, rebuild
from components._blocks.runtimes import LAMBDA_PYTHONS
from tests.interpreters import every_interpreter, interpreter_or_skip  # noqa: F401
from tests.projects import PYTHON, ROOT

pytestmark = pytest.mark.slow  # installs packages

PLACE_ORDER = {
    "source": "outbox_pipeline/place_order",
    "python": PYTHON,
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Copy the handlers to a separate folder and make it the working directory."""
    yield _checkout(tmp_path / "first", monkeypatch)


def _checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "handlers", folder / "handlers", ignore=ignore)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(_bundle, "handlers_folder", lambda: folder / "handlers")
    return folder


def test_builds_in_different_folders_and_at_different_times_are_identical(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = Path(Bundle(**PLACE_ORDER).build()).resolve()
    other = _checkout(tmp_path / "elsewhere" / "second", monkeypatch)
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
    second = Path(Bundle(**PLACE_ORDER).build()).resolve()
    assert first != second and first.name == second.name
    assert first.read_bytes() == second.read_bytes()


OF_A_FILE = 'compile-bytecode = true\nexclude-newer = "2001-01-01T00:00:00Z"\n'
OF_THE_ENVIRONMENT = {
    "UV_CONSTRAINT": "constraints.txt",
    "UV_EXCLUDE_NEWER": "2001-01-01",
    "UV_LINK_MODE": "symlink",
    "UV_PYTHON": "3.99",
    "PIP_CONSTRAINT": "constraints.txt",
    "PIP_TARGET": "elsewhere",
}


@pytest.mark.parametrize(
    ("files", "variables"),
    [
        ({"pyproject.toml": f"[tool.uv]\n{OF_A_FILE}"}, {}),
        ({"uv.toml": OF_A_FILE}, {}),
        ({".config/uv/uv.toml": f"{OF_A_FILE}[pip]\nno-build-isolation = true\n"}, {}),
        ({"other.toml": OF_A_FILE}, {"UV_CONFIG_FILE": "other.toml"}),
        ({}, {"UV_COMPILE_BYTECODE": "1"}),
        ({"constraints.txt": "fastjsonschema<2\n"}, OF_THE_ENVIRONMENT),
    ],
    ids=["project", "uv.toml", "user", "configuration file", "bytecode", "environment"],
)
@pytest.mark.usefixtures("every_interpreter")  # uv prefers one of another version
def test_settings_of_uv_and_pip_do_not_change_a_bundle(
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    variables: dict[str, str],
):
    plain = Path(Bundle(**PLACE_ORDER).build()).resolve()
    other = _checkout(tmp_path / "second", monkeypatch)
    for name, content in files.items():
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_text(content)
    cache = subprocess.check_output([uv.find_uv_bin(), "cache", "dir"], text=True).strip()
    monkeypatch.setenv("UV_CACHE_DIR", cache)  # so that nothing is downloaded again
    monkeypatch.setenv("HOME", str(other))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    second = Path(Bundle(**PLACE_ORDER).build()).resolve()
    assert second != plain and second.name == plain.name
    assert second.read_bytes() == plain.read_bytes()


@pytest.mark.usefixtures("every_interpreter")
def test_the_python_of_the_functions_is_an_input(checkout: Path):
    """It changes the name and the bytecode of a bundle."""
    python = next(each for each in LAMBDA_PYTHONS if each != PYTHON)
    interpreter_or_skip(python)
    one = Bundle("outbox_pipeline/relay", python=PYTHON).build()
    other = Bundle("outbox_pipeline/relay", python=python).build()
    assert one != other
    assert _bytecode(one).isdisjoint(_bytecode(other))
    assert {name for name in _names(one) if name.endswith(".py")} <= _names(other)


def test_a_change_of_readme_files_alone_changes_no_bundle(checkout: Path):
    """Even if everything is installed and compiled again."""
    path = Path(Bundle(**PLACE_ORDER).build())
    before = path.read_bytes()
    for readme in (checkout / "README.md", checkout / "handlers/README.md"):
        readme.write_text("# Another one\n")
    for each in checkout.rglob("*"):
        os.utime(each, (1, 1))
    shutil.rmtree(checkout / ".colonnade")
    assert Path(Bundle(**PLACE_ORDER).build()).read_bytes() == before
    assert path.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: _append(folder / "outbox_pipeline/place_order/app.py", "\n# changed\n"),
        lambda folder: _append(folder / "outbox_pipeline/place_order/order.json", "\n"),
        lambda folder: _append(folder / "libraries/outbox/event.py", "\n# changed\n"),
        lambda folder: (folder / "outbox_pipeline/place_order/more.py").write_text(""),
        lambda folder: (folder / "libraries/outbox/limits.py").rename(
            folder / "libraries/outbox/l.py"
        ),
        lambda folder: _append(
            folder / "outbox_pipeline/place_order/requirements.txt", "\n# pin\n"
        ),
    ],
    ids=["code", "data file", "library", "new file", "renamed file", "pin"],
)
def test_each_changed_input_gives_a_new_file(checkout: Path, change):
    before = Bundle(**PLACE_ORDER).build()
    change(checkout / "handlers")
    after = rebuild(before)
    assert after != before and Path(after).exists()


def test_source_only_packages_are_built(checkout: Path):
    """The bundle omits files whose content depends on the version of the build tool."""
    bundle = Bundle("todo_list/todos_read_dax", python=PYTHON)
    before = bundle.build()
    with zipfile.ZipFile(before) as archive:
        names = set(archive.namelist())
    assert {"amazondax/__init__.py", "antlr4/__init__.py"} <= names
    assert not any(name.startswith("botocore/") for name in names)
    assert not any(Path(name).name.startswith("requirements") for name in names)
    metadata = {Path(name).name for name in names if name.startswith("amazon_dax_client")}
    assert not metadata & {"METADATA", "WHEEL", "RECORD", "uv_build.json"}
    _append(checkout / "handlers/todo_list/todos_read_dax/requirements.txt", "\n# pin\n")
    assert rebuild(before) != before


def test_the_architecture_is_an_input(checkout: Path):
    arm = Bundle(**{**PLACE_ORDER, "architecture": "arm64"})
    intel = Bundle(**{**PLACE_ORDER, "architecture": "x86_64"})
    assert arm.build() != intel.build()


def test_caches_and_hidden_files_are_not_inputs(checkout: Path):
    before = Bundle(**PLACE_ORDER).build()
    folder = checkout / "handlers/outbox_pipeline/place_order"
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"stale")
    (folder / ".editor-backup").write_text("x")
    assert rebuild(before) == before


def test_an_unchanged_bundle_is_not_written_again(checkout: Path):
    path = Path(Bundle(**PLACE_ORDER).build())
    written = path.stat().st_mtime_ns
    time.sleep(0.01)
    assert Bundle(**PLACE_ORDER).build() == path.as_posix()
    assert path.stat().st_mtime_ns == written


def test_every_module_has_bytecode_that_python_loads(checkout: Path, tmp_path: Path):
    with zipfile.ZipFile(Bundle(**PLACE_ORDER).build()) as archive:
        names = set(archive.namelist())
        modules = [name for name in names if name.endswith(".py")]
        assert len(modules) > 15
        for module in modules:
            data = archive.read(importlib.util.cache_from_source(module))
            assert data[:4] == importlib.util.MAGIC_NUMBER
            assert data[4:8] == (1).to_bytes(4, "little")  # hash-based and never checked (PEP 552)
            assert not marshal.loads(data[16:]).co_filename.startswith("/")
        archive.extractall(tmp_path / "task")
    for path in (tmp_path / "task").rglob("*.py"):
        path.write_text("raise SystemExit('compiled again')")
    code = "import outbox_pipeline.place_order.app"
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "task", capture_output=True
    )
    assert process.returncode == 0, process.stderr


def test_the_archive_contains_nothing_specific_to_the_machine(checkout: Path):
    path = Bundle(**PLACE_ORDER).build()
    assert not Path(path).is_absolute()
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert not member.filename.endswith(("INSTALLER", "RECORD", "direct_url.json"))
            assert str(checkout).encode() not in archive.read(member)


def test_a_folder_of_the_caller_is_at_the_root_of_the_archive(checkout: Path):
    (checkout / "mine").mkdir()
    (checkout / "mine" / "app.py").write_text("import inbox\ndef handler(event, context): ...\n")
    bundle = Bundle("mine", python=PYTHON)
    assert bundle.handler == "app.handler"
    with zipfile.ZipFile(bundle.build()) as archive:
        assert {"app.py", "inbox/__init__.py"} <= set(archive.namelist())


@pytest.mark.parametrize(
    ("bundle", "message"),
    [
        (Bundle("nowhere"), "'nowhere' is neither a function of this package nor a folder"),
        (
            Bundle("outbox_pipeline/relay", python="3.99"),
            "bundles for Python 3.99 need this version",
        ),
    ],
)
def test_the_error_names_what_is_missing(checkout: Path, bundle: Bundle, message: str):
    with pytest.raises(BundleError, match=message):
        bundle.build()


def test_a_syntax_error_is_reported_with_file_and_line(checkout: Path):
    _append(checkout / "handlers/outbox_pipeline/relay/app.py", "\ndef broken(:\n")
    with pytest.raises(BundleError, match=r"does not compile .*relay/app.py:\d+: invalid syntax"):
        Bundle("outbox_pipeline/relay", python=PYTHON).build()
    assert not list((checkout / ".colonnade" / "bundles").glob("relay-*.zip"))


def test_a_failed_install_leaves_nothing_behind(checkout: Path):
    requirements = checkout / "handlers/outbox_pipeline/place_order/requirements.txt"
    requirements.write_text("fastjsonschema==2.22.3 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(BundleError, match=r"requirements\.txt cannot be installed for arm64"):
        Bundle(**PLACE_ORDER).build()
    packages = checkout / ".colonnade" / "packages"
    assert not packages.exists() or not list(packages.iterdir())


def _names(bundle: str) -> set[str]:
    with zipfile.ZipFile(bundle) as archive:
        return set(archive.namelist())


def _bytecode(bundle: str) -> set[str]:
    return {name for name in _names(bundle) if name.endswith(".pyc")}


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)
