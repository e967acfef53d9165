"""What of a function's folder a bundle leaves out: `.lambdaignore`, in the form of `.gitignore`."""

from collections.abc import Callable
from pathlib import Path

import pathspec

from .build_process import BundleError

IGNORE_FILE = ".lambdaignore"
DEFAULTS = (
    ".*",
    "*~",
    "*.pyc",
    "__pycache__/",
    "node_modules/",
    "venv/",
    # These are installed, not packed.
    "/requirements.txt",
    "/requirements.in",
    "/requirements.build.txt",
    "/requirements.build.in",
)
"""Patterns that come before those of the file; a line such as `!.env.defaults` takes one back."""
_ENVIRONMENT = "pyvenv.cfg"  # each virtual environment has this file, whatever its folder's name


def left_out(folder: Path) -> Callable[[str], bool]:
    """Return the test of paths in a folder, for `files_below`.

    Raises:
        BundleError: a line of the ignore file is no pattern.
    """
    file = folder / IGNORE_FILE
    own = file.read_text("utf-8-sig").splitlines() if file.is_file() else []
    for number, line in enumerate(own, 1):
        _check(line, f"{file.as_posix()}:{number}")
    ignored = pathspec.GitIgnoreSpec.from_lines([*DEFAULTS, *own])
    return lambda path: ignored.match_file(path) or _is_environment(folder, path)


def _is_environment(folder: Path, path: str) -> bool:
    return path.endswith("/") and (folder / path / _ENVIRONMENT).is_file()


def _check(line: str, place: str) -> None:
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError as error:
        raise BundleError(f"{place}: is no pattern of the form of .gitignore: {error}") from None
