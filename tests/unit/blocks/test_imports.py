"""Imports: a bundle contains the libraries that its code imports, and no others."""

from pathlib import Path

import pytest

from components._blocks import bundle as _bundle
from components._blocks.bundle import Bundle

LIBRARIES = {
    "libraries/a/__init__.py": "from .part import x",
    "libraries/a/part.py": "import json, b.part",
    "libraries/b/__init__.py": "",
    "libraries/b/part.py": "from os import path",
    "libraries/c.py": "import sys",
    "service/function/app.py": "",
    "service/_shared/rows/__init__.py": "from ..keys import key",
    "service/_shared/keys.py": "import c",
    "service/_shared/other.py": "",
}


@pytest.fixture
def handlers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(_bundle, "handlers_folder", lambda: tmp_path / "handlers")
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "handlers", LIBRARIES)
    return tmp_path / "handlers"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def names(source: str) -> list[str]:
    return [each.name for each in Bundle(source).libraries]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import a", ["a", "b"]),
        ("import a.part as x", ["a", "b"]),
        ("def f():\n    from b import part", ["b"]),
        ("try:\n    import c\nexcept ImportError:\n    import boto3, unknown", ["c"]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", ["b"]),
        ("import typing\nif typing.TYPE_CHECKING:\n    import a\nif True:\n    import c", ["c"]),
        ("if not TYPE_CHECKING:\n    import c", ["c"]),
        ("'''\nimport a\n'''", []),
        ("# syntax of a later Python\nimport c\ntype match (x", ["c"]),
        ("import service", []),
    ],
)
def test_a_bundle_contains_the_libraries_that_its_code_imports(
    handlers: Path, code: str, expected: list[str]
):
    write(handlers.parent, {"mine/app.py": code})
    assert names("mine") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from .._shared.rows import x", ["c", "service/_shared/keys", "service/_shared/rows"]),
        ("from .._shared import keys", ["c", "service/_shared/keys"]),
        ("from service._shared.keys import key", ["c", "service/_shared/keys"]),
        ("from . import more", ["b"]),
    ],
)
def test_a_bundle_contains_the_shared_modules_that_its_code_imports(
    handlers: Path, code: str, expected: list[str]
):
    write(handlers, {"service/function/app.py": code, "service/function/more.py": "import b"})
    assert names("service/function") == sorted({*expected, "b"})


def test_files_of_the_function_take_precedence_over_libraries(handlers: Path):
    write(
        handlers.parent, {"mine/app.py": "import a, c", "mine/a.py": "", "mine/c/__init__.py": ""}
    )
    assert names("mine") == []


def test_a_library_of_one_file_is_bundled_as_a_module(handlers: Path):
    write(handlers.parent, {"mine/app.py": "import c"})
    (library,) = Bundle("mine").libraries
    assert library.files == {"c.py": handlers / "libraries/c.py"}
