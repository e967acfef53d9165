"""Imports: which code of this package a function's code imports, read without running it."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

_LINE = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))", re.MULTILINE)


@dataclass(frozen=True)
class Library:
    """Code that a bundle takes along as a whole: a package, or one module."""

    name: str
    """Its path in the archive: `environment`, `outbox_pipeline/_shared/publisher`."""
    path: Path
    """Its folder or file."""

    @property
    def files(self) -> dict[str, Path]:
        """Name in the archive and path of every file."""
        if self.path.is_file():
            return {f"{self.name}.py": self.path}
        return dict(tree(self.path, self.name))


def imported_libraries(
    files: Mapping[str, Path], handlers: Path, more: Sequence[str] = ()
) -> list[Library]:
    """Find the libraries that code imports, directly or through another library.

    An import that is neither a library nor a file of the function is no error: it comes with the
    runtime or with the requirements.

    Args:
        files: the function's own files, by their names in the archive; they hide libraries.
        handlers: folder of this package's functions and libraries.
        more: names of further libraries to begin with.
    """
    found: dict[str, Library] = {}
    left = dict(files)
    for name in more:
        found[name] = Library(name, handlers / "libraries" / name)
        left |= found[name].files
    while left:
        name, path = left.popitem()
        if not name.endswith(".py"):
            continue
        for module in _imported(path.read_bytes(), PurePosixPath(name).parent.parts):
            library = _library(module, handlers)
            if library is None or library.name in found or _is_own(library.name, files):
                continue
            found[library.name] = library
            left |= library.files
    return [found[name] for name in sorted(found)]


def tree(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Name in the archive and path of every file of a folder that belongs into a bundle."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
        if path.is_file() and not hidden and not path.name.startswith("requirements."):
            yield (Path(prefix) / relative).as_posix(), path


def _library(module: tuple[str, ...], handlers: Path) -> Library | None:
    if module[1:2] == ("_shared",):
        names, folder = module[:3], handlers
    else:
        names, folder = module[:1], handlers / "libraries"
    path = folder.joinpath(*names)
    for candidate in (path, path.with_name(f"{path.name}.py")):
        if len(names) in (1, 3) and candidate.exists():
            return Library("/".join(names), candidate)
    return None


def _is_own(name: str, files: Mapping[str, Path]) -> bool:
    return f"{name}.py" in files or any(each.startswith(f"{name}/") for each in files)


@lru_cache(maxsize=1024)
def _imported(source: bytes, package: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """Dotted names that a module imports, as parts; `package` is where it lies in the archive."""
    try:
        parsed = ast.parse(source)
    except SyntaxError:
        # It may be in the syntax of a newer Python, the function's own. Compiling it will tell.
        lines = _LINE.findall(source.decode(errors="replace"))
        return frozenset(_absolute(a or b, package) for a, b in lines)
    names: set[tuple[str, ...]] = set()
    for node in _run_nodes(parsed):
        if isinstance(node, ast.Import):
            names |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = _absolute("." * node.level + (node.module or ""), package)
            names |= {(*module, alias.name) for alias in node.names}
    return frozenset(names)


def _absolute(module: str, package: tuple[str, ...]) -> tuple[str, ...]:
    name = module.lstrip(".")
    up = len(module) - len(name)
    base = package[: len(package) - up + 1] if up else ()
    return (*base, *filter(None, name.split(".")))


def _run_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below, except what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield other
                yield from _run_nodes(other)
            continue
        yield child
        yield from _run_nodes(child)
