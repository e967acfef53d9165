"""Clashes: code of the caller, of its packages and of this package with one name."""

import shutil
from pathlib import Path

import pytest

from components._blocks.build_process import BundleError
from components._blocks.bundle import Bundle
from tests.projects import ROOT
from tests.unit.blocks.callers import HANDLER, build, packed, wheel, write

pytestmark = pytest.mark.slow  # installs packages


def test_a_folder_of_the_name_of_a_function_of_this_package_is_refused(mine: Path):
    name = "outbox_pipeline/relay"
    write(mine.parent, {f"{name}/app.py": HANDLER, f"{name}/mark.py": ""})
    with pytest.raises(BundleError, match=f"write './{name}'; if not, rename the folder"):
        build(name)
    assert packed(f"./{name}") == packed(str(mine.parent / name)) == {"app.py", "mark.py"}
    assert Bundle(f"./{name}").handler == "app.handler"
    shutil.rmtree(mine.parent / name)
    assert f"{name}/app.py" in packed(name)


def test_the_folder_of_this_package_is_no_clash(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT / "handlers")
    assert Bundle("outbox_pipeline/relay").folder.samefile("outbox_pipeline/relay")


@pytest.mark.parametrize(
    "own", ["partial_batch.py", "partial_batch/__init__.py", "partial_batch/x.txt"]
)
def test_code_that_hides_what_a_library_needs_is_refused(mine: Path, own: str):
    write(mine, {"app.py": f"import inbox\n{HANDLER}", own: ""})
    with pytest.raises(BundleError, match=r"'partial_batch' is the name of your code .* inbox/"):
        build()


def test_a_folder_without_code_that_hides_a_library_is_refused(mine: Path):
    write(mine, {"app.py": f"import inbox\n{HANDLER}", "inbox/mail.txt": ""})
    with pytest.raises(BundleError, match=r"imports 'inbox', a library .* Rename the folder"):
        build()


@pytest.mark.parametrize(
    ("package", "own"),
    [
        ({"inbox/__init__.py": ""}, {"app.py": f"import inbox\n{HANDLER}"}),
        ({"inbox.py": ""}, {"app.py": f"import inbox\n{HANDLER}"}),
        ({"yaml.py": ""}, {"yaml.py": ""}),
        ({"yaml/__init__.py": ""}, {"yaml.py": ""}),
        ({"yaml.py": ""}, {"yaml/part.py": ""}),
    ],
)
def test_a_package_of_the_name_of_other_code_is_refused(
    mine: Path, wheels: Path, package: dict[str, str], own: dict[str, str]
):
    write(mine, {"requirements.txt": wheel(wheels, "spam", package), **own})
    name = next(iter(package)).split("/")[0].split(".")[0]
    with pytest.raises(BundleError, match=rf"'mine': '{name}[/\w.]*' is a name in its req"):
        build()


def test_folders_of_one_namespace_are_no_clash(mine: Path, wheels: Path):
    pin = wheel(wheels, "spam", {"company/spam/__init__.py": "", "tests/x.json": ""})
    write(mine, {"requirements.txt": pin, "company/own/__init__.py": "", "tests.py": ""})
    assert {"company/spam/__init__.py", "company/own/__init__.py"} <= packed()
