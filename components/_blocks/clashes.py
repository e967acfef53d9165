"""Clashes: files of a function and of its packages that would replace or hide each other."""

from collections.abc import Iterable
from pathlib import Path

from .build_process import BundleError


def check_clashes(files: Iterable[str], packages: Path, shown: str) -> None:
    """Check the names of a function's files, libraries included, against those of its packages.

    Args:
        files: names in the archive.
        packages: folder of the installed packages.
        shown: what the files are, for the message.

    Raises:
        BundleError: a file has the name of a package's file, or a module that of a package.
    """
    names = list(files)
    installed = {
        path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()
    }
    same = sorted(installed.intersection(names))
    same += sorted(
        (_modules(names) & _folders(installed)) | (_folders(names) & _modules(installed))
    )
    if same:
        raise BundleError(
            f"'{shown}': '{same[0]}' is a name in its requirements.txt's packages and in its own "
            "code or a library of this package that it imports. Rename yours, or leave it out by "
            ".lambdaignore"
        )


def _modules(names: Iterable[str]) -> set[str]:
    """Modules of one file at the root, without suffix."""
    return {
        name.split(".")[0] for name in names if "/" not in name and name.endswith((".py", ".so"))
    }


def _folders(names: Iterable[str]) -> set[str]:
    """Packages at the root; a folder without code cannot be imported."""
    return {name.split("/")[0] for name in names if "/" in name and name.endswith((".py", ".so"))}
