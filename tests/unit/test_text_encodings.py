"""Text files are read and written in UTF-8, whatever the locale of the machine is."""

import ast
from collections.abc import Iterator

from tests.projects import ROOT

FOLDERS = ("benchmarks", "components", "handlers", "local", "policy", "systems", "tools")
ENCODED_AT = {"read_text": 0, "write_text": 1}
"""Position of the argument `encoding` of each method of `Path`."""


def unnamed(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        position = ENCODED_AT.get(node.func.attr)
        named = any(each.arg == "encoding" for each in node.keywords)
        if position is not None and not named and len(node.args) <= position:
            yield node.lineno


def test_every_text_file_has_a_named_encoding():
    paths = [each for folder in FOLDERS for each in (ROOT / folder).rglob("*.py")]
    found = {f"{path}:{line}" for path in paths for line in unnamed(path.read_text("utf-8"))}
    assert len(paths) > 100 and found == set()


def test_a_call_without_an_encoding_is_found():
    source = "p.read_text()\np.read_text('utf-8')\np.write_text('x')\np.write_text('x', 'utf-8')\n"
    assert [*unnamed(source)] == [1, 3]
