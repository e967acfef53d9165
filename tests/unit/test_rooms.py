"""The newcomer's rule: the same name for component file, handler folder and test file."""

import ast

from tests.projects import ROOT

COMPONENTS = {
    path.stem
    for path in (ROOT / "components").glob("[a-z]*")
    if path.suffix == ".py" or (path / "component.py").is_file()
}


def test_every_component_has_a_test_of_its_name():
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "unit").iterdir()}
    assert COMPONENTS and tests >= COMPONENTS


def test_every_handler_folder_is_a_components_and_every_function_has_an_app():
    folders = [p for p in (ROOT / "handlers").iterdir() if p.is_dir() and p.name != "libraries"]
    assert folders and {folder.name for folder in folders} <= COMPONENTS
    for folder in folders:
        for function in (p for p in folder.iterdir() if p.is_dir() and p.name != "__pycache__"):
            assert (function / "app.py").is_file(), function


def test_imports_go_one_way():
    """components and handlers import neither each other nor anything above them."""
    above = {"local", "settings", "tools", "tests", "__main__"}
    forbidden = {
        "components": above | {"handlers", "components"},
        "handlers": above | {"components"},
    }
    checked = 0
    for folder, names in forbidden.items():
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    modules = [node.module or ""]
                checked += len(modules)
                assert not {m.split(".")[0] for m in modules} & names, path
    assert checked > 50
