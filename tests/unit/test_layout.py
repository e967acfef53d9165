"""The layout of the project: a component, its handlers and its tests have the same name."""

import ast
from pathlib import Path

from settings import SYSTEMS
from tests.projects import ROOT

COMPONENTS = {
    path.stem
    for path in (ROOT / "components").glob("[a-z]*")
    if path.suffix == ".py" or (path / "component.py").is_file()
}


HANDLERS = {
    path.name: sorted(
        p for p in path.iterdir() if p.is_dir() and p.name not in ("_shared", "__pycache__")
    )
    for path in (ROOT / "handlers").iterdir()
    if path.is_dir() and path.name != "libraries"
}


def _source(component: str) -> str:
    paths = [ROOT / "components" / f"{component}.py", *(ROOT / "components" / component).glob("*")]
    return "".join(path.read_text() for path in paths if path.suffix == ".py" and path.is_file())


def test_every_component_has_a_test_file_with_its_name():
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "unit").iterdir()}
    assert COMPONENTS and tests >= COMPONENTS


def test_every_component_with_functions_has_a_handler_folder():
    with_functions = {each for each in COMPONENTS if f'"{each}/' in _source(each)}
    assert len(with_functions) >= 8
    assert with_functions <= HANDLERS.keys()


def test_every_handler_folder_belongs_to_a_component_and_has_tests():
    # Each of the services runs in any home, so that they belong to no component.
    assert HANDLERS.keys() <= COMPONENTS | {"services"}
    folders = {path.name for path in (ROOT / "tests" / "handlers").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == HANDLERS.keys() | {"events", "libraries"}


def test_every_function_has_an_app_and_is_deployed():
    systems = [path.read_text() for path in (ROOT / "systems").glob("*.py")]
    programs = "".join([*map(_source, COMPONENTS), *systems])
    for component, functions in HANDLERS.items():
        assert functions, component
        for function in functions:
            assert (function / "app.py").is_file(), function
            names = (f'"{component}/{function.name}"', f'"{function.name}"')
            assert any(name in programs for name in names), f"{function} is deployed nowhere"


def test_every_system_of_the_settings_has_a_module():
    modules = {path.stem for path in (ROOT / "systems").glob("*.py")}
    assert modules == {"__init__", "page", "platform", *SYSTEMS}


def test_imports_go_one_way():
    """Components and handlers import neither each other nor the packages that use them."""
    above = {"local", "settings", "systems", "tools", "tests", "__main__"}
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


def test_no_component_imports_inner_modules_of_another_component():
    """A package exports what other components use."""
    root = ROOT / "components"
    checked = 0
    for component in sorted(COMPONENTS):
        for path in [root / f"{component}.py", *(root / component).rglob("*.py")]:
            if not path.is_file():
                continue
            for owner, *inner in _imported_modules(path):
                checked += 1
                assert owner in (component, "_blocks") or not inner, (path, owner, inner)
    assert checked > 200


def test_blocks_import_no_component():
    imported = [
        module
        for path in (ROOT / "components" / "_blocks").rglob("*.py")
        for module in _imported_modules(path)
    ]
    assert len(imported) > 20 and {owner for owner, *_ in imported} == {"_blocks"}


def _imported_modules(path: Path) -> list[tuple[str, ...]]:
    """Return the modules of `components` that a file imports, as paths below that folder."""
    root = ROOT / "components"
    package = path.parent.relative_to(root).parts
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            names = node.module.split(".") if node.module else []
            base = (*package[: len(package) - node.level + 1], *names)
            for name in (each.name for each in node.names):
                inner = root.joinpath(*base, name)
                is_module = inner.is_dir() or inner.with_suffix(".py").is_file()
                modules.add((*base, name) if is_module else base)
    return sorted(modules)
