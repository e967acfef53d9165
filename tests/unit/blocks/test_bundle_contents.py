"""Which files of a folder are packed, and how."""

import zipfile
from pathlib import Path

import pytest

from components._blocks.build_process import BundleError
from tests.unit.blocks.callers import HANDLER, build, packed, write

pytestmark = pytest.mark.slow  # installs packages


def test_what_no_function_needs_is_left_out(mine: Path):
    left_out = (
        ".git/config",
        ".venv/lib/x.py",
        ".env",
        "venv/lib/x.py",
        "mine/node_modules/x/index.js",
        "node_modules/x/index.js",
        "data/__pycache__/x.cpython-311.pyc",
        "old.pyc",
        "app.py~",
        "requirements.in",
        "requirements.txt",
    )
    kept = ("requirements.py", "data/requirements.json", "data/requirements.txt", "venv.py")
    write(mine, dict.fromkeys((*left_out, *kept), ""))
    assert packed() == {"app.py", *kept}


def test_a_virtual_environment_of_any_name_is_left_out(mine: Path):
    write(mine, {"env/pyvenv.cfg": "home = /usr/bin\n", "env/lib/x.py": "", "en/lib/x.py": ""})
    assert packed() == {"app.py", "en/lib/x.py"}


def test_the_ignore_file_has_the_form_of_gitignore(mine: Path):
    write(
        mine,
        {
            ".lambdaignore": "# ours\ntests/\n*.md\n!KEEP.md\n/top.json\n!.defaults\n!venv/\n",
            "tests/test_app.py": "",
            "README.md": "",
            "docs/KEEP.md": "",
            "top.json": "",
            "data/top.json": "",
            ".defaults": "",
            ".other": "",
            "venv/x.py": "",
        },
    )
    assert packed() == {"app.py", "docs/KEEP.md", "data/top.json", ".defaults", "venv/x.py"}


def test_an_ignored_file_is_no_input(mine: Path):
    write(mine, {".lambdaignore": "*.md\n", "README.md": "one"})
    before = build()
    write(mine, {"README.md": "two", ".lambdaignore": "# documents\n*.md\n"})
    assert build() == before
    write(mine, {".lambdaignore": ""})
    assert build() != before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("app.py\n", "'mine': its .lambdaignore leaves out app.py"),
        ("*.md\n!\n", r"mine/\.lambdaignore:2: is no pattern"),
    ],
)
def test_a_wrong_ignore_file_is_refused(mine: Path, text: str, problem: str):
    write(mine, {".lambdaignore": text})
    with pytest.raises(BundleError, match=problem):
        build()


def test_links_inside_the_folder_are_followed(mine: Path):
    write(mine, {"data/rates.json": "{}"})
    (mine / "rates.json").symlink_to("data/rates.json")
    (mine / "copy").symlink_to("data")
    assert packed() == {"app.py", "data/rates.json", "rates.json", "copy/rates.json"}
    with zipfile.ZipFile(build()) as archive:
        assert archive.read("rates.json") == archive.read("copy/rates.json") == b"{}"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("../secret", "outside of the folder"),
        ("..", "outside of the folder"),
        ("/etc/passwd", "outside of the folder"),
        ("missing", "does not exist"),
        (".env", "hidden or ignored"),
        ("venv/lib", "hidden or ignored"),
        (".", "a folder around it"),
    ],
)
def test_other_links_are_refused_by_name(mine: Path, target: str, problem: str):
    write(mine, {"../secret": "secret", ".env": "secret", "venv/lib/x.py": ""})
    (mine / "link").symlink_to(target)
    with pytest.raises(BundleError, match=rf"mine/link' is a symbolic link .*{problem}"):
        build()


def test_an_app_outside_of_the_folder_is_refused(mine: Path):
    write(mine, {"../elsewhere.py": HANDLER})
    (mine / "app.py").unlink()
    (mine / "app.py").symlink_to("../elsewhere.py")
    with pytest.raises(BundleError, match=r"mine/app\.py' is a symbolic link .*outside"):
        build()


def test_executables_keep_their_mode(mine: Path, tmp_path: Path):
    write(mine, {"bin/tool": "#!/bin/sh\necho ran\n", "data.txt": ""})
    (mine / "data.txt").chmod(0o600)
    before = build()
    (mine / "bin/tool").chmod(0o700)
    after = build()
    assert after != before
    with zipfile.ZipFile(after) as archive:
        modes = {each.filename: each.external_attr >> 16 & 0o777 for each in archive.infolist()}
    assert (modes["bin/tool"], modes["app.py"], modes["data.txt"]) == (0o755, 0o644, 0o644)


def test_a_template_that_no_import_reaches_may_not_compile(mine: Path, log: list[str]):
    write(mine, {"templates/model.py": "class {{ name }}:\n", "nul.py": "\x00", "ok.py": "x = 1"})
    with zipfile.ZipFile(build()) as archive:
        names = set(archive.namelist())
    assert {"templates/model.py", "nul.py", "ok.py"} <= names
    assert {Path(each).name.split(".")[0] for each in names if each.endswith(".pyc")} == {
        "app",
        "ok",
    }
    assert any("no import reaches templates/model.py:1" in line for line in log)


@pytest.mark.parametrize(
    "code",
    [
        "import part.model",
        "from part import model",
        "from part.model import x",
        "def later():\n    import part.model",
        "try:\n    import part.model\nexcept ImportError: ...",
    ],
)
def test_a_module_that_an_import_reaches_must_compile(mine: Path, code: str):
    write(mine, {"app.py": f"{code}\n{HANDLER}", "part/model.py": "\n\nclass {{ x }}:\n"})
    with pytest.raises(BundleError, match=r"'mine' does not compile .*part/model\.py:3: "):
        build()
