"""A new service passes the checks as it was written."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import PYTHON, ROOT, copy_repository
from tools.service.__main__ import main
from tools.service.names import MAX_LENGTH

NAMES = {"container": "stock", "function": "a", "instance": "abcdefghi_abcdefghi"}
"""A name for each form; the shortest and the longest, as lines are broken by their length."""
PAGE = ROOT / "docs" / "services.md"


def run(folder: Path, *command: str) -> str:
    """Run a module of Python in a folder, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def files(name: str) -> list[str]:
    return [
        f"apis/{name}.yaml",
        f"handlers/services/{name}/app.py",
        f"tests/handlers/services/test_{name}.py",
    ]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with three more services."""
    folder = copy_repository(tmp_path_factory.mktemp("more-services"))
    for form, name in NAMES.items():
        run(folder, "tools.service", name, "--form", form)
    return folder


@pytest.mark.slow
def test_format_and_lint(copy: Path):
    written = [path for name in NAMES.values() for path in files(name) if path.endswith(".py")]
    run(copy, "ruff", "format", "--no-cache", "--check", "systems", *written)
    run(copy, "ruff", "check", "--no-cache", "systems", *written)


@pytest.mark.slow
def test_types(copy: Path):
    handlers = [files(name)[1] for name in NAMES.values()]
    assert "Success" in run(copy, "mypy", "systems/services.py", *handlers)


@pytest.mark.slow
def test_the_tests_of_the_services_and_of_all_documents(copy: Path):
    own = [files(name)[2] for name in NAMES.values()]
    shared = ["tests/unit/test_layout.py", *map("tests/tools/test_api_{}.py".format, DOCUMENTS)]
    passed = run(copy, "pytest", "-v", "-p", "no:cacheprovider", *own, *shared)
    for name in NAMES.values():
        # Each of its own tests, and those of its document.
        assert passed.count(f"test_{name}.py::") == 6
        assert f"found[{name}] PASSED" in passed and f"document[{name}] PASSED" in passed


DOCUMENTS = ("check", "reference")


@pytest.mark.slow
def test_the_documents_can_be_released(copy: Path):
    released = copy / "apis" / "released"
    for name in NAMES.values():
        shutil.copy(copy / files(name)[0], released)
    printed = run(copy, "tools.api_check")
    for name in NAMES.values():
        (released / f"{name}.yaml").unlink()
        assert f"{name}: no breaking changes" in printed


@pytest.mark.slow
def test_a_preview_has_the_services(copy: Path):
    config = ["--config", f"lambdaPython='{PYTHON}'", "--config", 'systems=["services"]']
    printed = run(copy, "tools.graph", "show", "--stack", "dev", *config)
    for name in NAMES.values():
        found = re.search(rf"^dev {name.replace('_', '-')} +(\d+)$", printed, re.MULTILINE)
        assert found and int(found[1]) > 10


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """What the command reads of the repository."""
    changed = ("systems/services.py", "handlers/services/README.md", "docs/security.md")
    for name in (*changed, "apis/prices.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def contents(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "name, problem",
    [
        ("Stock", "it must be lowercase letters and digits, with '_' between words"),
        ("stock-levels", "it must be lowercase letters and digits, with '_' between words"),
        ("../stock", "it must be lowercase letters and digits, with '_' between words"),
        ("1stock", "it must be lowercase letters and digits, with '_' between words"),
        ("", "it must be lowercase letters and digits, with '_' between words"),
        ("a" * (MAX_LENGTH + 1), "20 characters; it must have at most 19"),
        ("class", "a keyword of Python"),
        ("prices", "apis/prices.yaml exists; choose another name"),
        ("cache", "uses the name `cache`"),
        ("platform", "uses the name `platform`"),
        ("price_changes", "uses the name `price_changes`"),
        ("prices_cache", "uses the name `prices-cache`"),
        ("vpc", "uses the name `vpc`"),
        ("grant", "uses the name `_grant`"),
    ],
)
def test_a_bad_name_is_refused_and_nothing_is_written(
    small: Path, capsys: pytest.CaptureFixture[str], name: str, problem: str
):
    before = contents(small)
    assert main([name, "--form", "container", "--root", str(small)]) == 1
    said = capsys.readouterr().err
    assert f"NAME is '{name}'" in said and problem in said
    assert contents(small) == before


def test_the_second_service_of_a_name_is_refused(small: Path, capsys: pytest.CaptureFixture[str]):
    command = ["stock", "--root", str(small), "--form"]
    assert main([*command, "function"]) == 0
    before = contents(small)
    assert main([*command, "container"]) == 1
    assert "apis/stock.yaml exists" in capsys.readouterr().err
    assert contents(small) == before


@pytest.mark.parametrize("form", NAMES)
def test_the_pages_that_list_services_and_buckets_have_it(small: Path, form: str):
    assert main(["stock", "--form", form, "--root", str(small)]) == 0
    services = (small / "handlers" / "services" / "README.md").read_text()
    assert "\n| `stock` | reads items, as an example |\n" in services
    buckets = (small / "docs" / "security.md").read_text()
    assert ("\n| `stock-code` | no | code is built again" in buckets) is (form != "function")


def test_an_unknown_form_is_refused(small: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["stock", "--form", "cluster", "--root", str(small)])
    said = capsys.readouterr().err
    assert "invalid choice: 'cluster'" in said and all(form in said for form in NAMES)


def test_another_form_of_the_system_is_an_error(small: Path, capsys: pytest.CaptureFixture[str]):
    system = small / "systems" / "services.py"
    system.write_text(system.read_text().replace("    return {\n", "    outputs = {\n", 1))
    assert main(["stock", "--form", "function", "--root", str(small)]) == 1
    assert "`create` must end with `return {...}`" in capsys.readouterr().err


@pytest.mark.parametrize("form", NAMES)
def test_the_page_says_how_many_lines_a_service_costs(
    small: Path, capsys: pytest.CaptureFixture[str], form: str
):
    before = contents(small)
    name = NAMES[form]
    assert main([name, "--form", form, "--root", str(small)]) == 0
    added = {
        str(path.relative_to(small)): text.count("\n") - before.get(path, "").count("\n")
        for path, text in contents(small).items()
    }
    document, handler, tests = (added[path] for path in files(name))
    row = f"| `{form}` | {document} | {handler} | {tests} | {added['systems/services.py']} |"
    assert row in PAGE.read_text()
    assert f"{name}: {sum(added.values())} lines in all" in capsys.readouterr().out


def test_make_passes_its_arguments():
    done = subprocess.run(
        ["make", "--dry-run", "service", "NAME=stock", "FORM=container"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "python -m tools.service 'stock' --form 'container'" in done.stdout
