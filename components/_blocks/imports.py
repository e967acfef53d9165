"""Imports: what code imports, read without running it."""

import ast
import re
from collections.abc import Collection, Iterator
from enum import IntEnum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_LINE = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))", re.MULTILINE)
_CAUGHT = re.compile(r"\b(ImportError|ModuleNotFoundError|Exception|BaseException)\b")
_OF_A_LAYER = re.compile(r"#\s*layer\b")
_BRANCHES = (ast.If, ast.IfExp, ast.Match, ast.For, ast.AsyncFor, ast.While)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class When(IntEnum):
    """When an import runs; the largest first."""

    MAYBE = 0
    """In a branch, or where a failure is caught."""
    CALL = 1
    """When a function is called."""
    START = 2
    """When the module is imported."""


class Import(NamedTuple):
    """One import of a module's code."""

    module: tuple[str, ...]
    """Dotted name of the module, as parts."""
    member: str
    """Name imported from it, which may be a module too; empty for `import module`."""
    line: int
    when: When


def imports(name: str, path: Path) -> frozenset[Import]:
    """Return what a module imports.

    Args:
        name: its path in the archive, to which relative imports refer.
        path: its file.
    """
    return _imports(path.read_bytes(), PurePosixPath(name).parent.parts)


def modules(each: Import, names: Collection[str]) -> Iterator[str]:
    """Yield the files that an import runs, out of the names of an archive's files."""
    parts = (*each.module, each.member) if each.member else each.module
    for length in range(1, len(parts) + 1):
        path = "/".join(parts[:length])
        yield from (file for file in (f"{path}.py", f"{path}/__init__.py") if file in names)


@lru_cache(maxsize=1024)
def _imports(source: bytes, package: tuple[str, ...]) -> frozenset[Import]:
    try:
        parsed = ast.parse(source)
    except (SyntaxError, ValueError):
        # It may be in the syntax of a newer Python, the function's own. Compiling it will tell.
        lines = _LINE.findall(source.decode(errors="replace"))
        return frozenset(Import(_absolute(a or b, package), "", 0, When.MAYBE) for a, b in lines)
    lines = source.decode(errors="replace").splitlines()
    found: set[Import] = set()
    for node, when in _nodes(parsed, When.START):
        if isinstance(node, ast.Import | ast.ImportFrom):
            text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            known = When.MAYBE if _OF_A_LAYER.search(text) else when
            found |= {Import(*each, node.lineno, known) for each in _names(node, package)}
    return frozenset(found)


def _names(
    node: ast.Import | ast.ImportFrom, package: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, ast.Import):
        yield from ((tuple(alias.name.split(".")), "") for alias in node.names)
    else:
        module = _absolute("." * node.level + (node.module or ""), package)
        yield from ((module, alias.name) for alias in node.names)


def _absolute(module: str, package: tuple[str, ...]) -> tuple[str, ...]:
    name = module.lstrip(".")
    up = len(module) - len(name)
    base = package[: len(package) - up + 1] if up else ()
    return (*base, *filter(None, name.split(".")))


def _nodes(node: ast.AST, when: When) -> Iterator[tuple[ast.AST, When]]:
    """Yield every node below and when it runs, except what only type checkers read."""
    for child, runs in _children(node, when):
        if isinstance(child, ast.If) and _is_type_checking(child.test):
            for other in child.orelse:
                yield other, runs
                yield from _nodes(other, runs)
            continue
        yield child, runs
        yield from _nodes(child, runs)


def _children(node: ast.AST, when: When) -> Iterator[tuple[ast.AST, When]]:
    maybe = isinstance(node, _BRANCHES) or (
        isinstance(node, ast.With | ast.AsyncWith)
        and any(_CAUGHT.search(ast.unparse(each)) for each in node.items)
    )
    if maybe:
        below = When.MAYBE
    elif isinstance(node, _FUNCTIONS):
        below = min(when, When.CALL)
    else:
        below = when
    caught = isinstance(node, ast.Try | ast.TryStar) and any(map(_catches, node.handlers))
    for field, value in ast.iter_fields(node):
        runs = When.MAYBE if field == "handlers" or (caught and field != "finalbody") else below
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child, runs


def _catches(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or bool(_CAUGHT.search(ast.unparse(handler.type)))


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name | ast.Attribute) and ast.unparse(test).endswith(
        "TYPE_CHECKING"
    )
