"""Libraries: the code of this package that a function's code imports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .build_process import BundleError
from .folder import files_below
from .ignore import left_out
from .imports import imports


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

    Args:
        files: the function's own files, by their names in the archive; they hide libraries.
        handlers: folder of this package's functions and libraries.
        more: names of further libraries to begin with.

    Raises:
        BundleError: the function's files hide a library that is needed.
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
        for each in sorted(imports(name, path)):
            library = _library((*each.module, each.member), handlers)
            if library is None or library.name in found:
                continue
            if _is_own(library.name, files):
                _check_hidden(library, name, files)
                continue
            found[library.name] = library
            left |= library.files
    return [found[name] for name in sorted(found)]


def tree(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Name in the archive and path of every file of a folder that belongs into a bundle.

    Raises:
        BundleError: a symbolic link cannot be followed; see `files_below`.
    """
    try:
        for path in files_below(folder, left_out(folder)):
            yield (Path(prefix) / path.relative_to(folder)).as_posix(), path
    except ValueError as error:
        raise BundleError(str(error)) from None


def _library(module: tuple[str, ...], handlers: Path) -> Library | None:
    if module[1:2] == ("_shared",):
        names, folder = module[:3], handlers
    else:
        names, folder = module[:1], handlers / "libraries"
    path = folder.joinpath(*names)
    for candidate in (path, path.with_name(f"{path.name}.py")):
        if len(names) in (1, 3) and all(names) and candidate.exists():
            return Library("/".join(names), candidate)
    return None


def _is_own(name: str, files: Mapping[str, Path]) -> bool:
    return f"{name}.py" in files or any(each.startswith(f"{name}/") for each in files)


def _check_hidden(library: Library, importer: str, files: Mapping[str, Path]) -> None:
    """Check that the function's own code gets what it means, and a library what it needs."""
    if importer not in files:
        raise BundleError(
            f"'{library.name}' is the name of your code and of a library of this package that "
            f"{importer} imports. Rename yours"
        )
    code = f"{library.name}.py" in files or any(
        each.startswith(f"{library.name}/") and each.endswith((".py", ".so")) for each in files
    )
    if not code:
        raise BundleError(
            f"{importer} imports '{library.name}', a library of this package, but your folder of "
            "this name, which has no code, hides it. Rename the folder"
        )
