"""Requirements: the files that pin a function's packages by their hashes."""

import re
from collections.abc import Iterator
from pathlib import Path

from .build_process import BundleError

PACKAGES = "requirements.txt"
BUILDERS = "requirements.build.txt"
"""What builds packages from source."""

_INCLUDE = re.compile(r"(?:(-r|--requirement)|(-c|--constraints?))(?:\s*=\s*|\s+|(?<=-[rc]))(\S.*)")
_COMMENT = re.compile(r"(^|\s+)#.*$")
_NAME = re.compile(r"[\w.-]+")


def requirement_files(folder: Path) -> list[Path]:
    """Return the files in a folder that pin packages, and what builds them, if there are any."""
    return [path for name in (PACKAGES, BUILDERS) if (path := folder / name).is_file()]


def with_included(pins: list[Path]) -> list[Path]:
    """Return files with all those that they include by `-r` and `-c`, each once.

    Raises:
        BundleError: an included file does not exist, or is an address.
    """
    found: list[Path] = []
    left = list(pins)
    while left:
        path = left.pop(0)
        if path.resolve() not in [each.resolve() for each in found]:
            found.append(path)
            left += _included(path)
    return found


def check_hashes(pins: list[Path], python: str) -> None:
    """Check that each package has a hash.

    Raises:
        BundleError: some have none; the message has the command that adds them.
    """
    for path in pins:
        files = with_included([path])
        if any(_is_constraint(line) for each in files for line in _lines(each)):
            continue  # constraints may hold the hashes: uv tells
        missing = [name for each in files for name in _without_hash(each)]
        if missing:
            source = path.with_suffix(".in")
            rename = "" if source.is_file() else f"Rename it to {source.name}. "
            raise BundleError(
                f"'{path.as_posix()}': {', '.join(sorted(set(missing)))} without a hash. Hashes "
                f"make every build the same. {rename}Lock {source.name}: "
                f"`{lock_command(source, python)}`"
            )


def lock_command(source: Path, python: str) -> str:
    """Return the command that pins the packages of a `requirements.in` with their hashes."""
    return (
        f"python -m uv pip compile --universal --python-version {python} --generate-hashes "
        f"--emit-build-options --no-emit-index-url {source.as_posix()} "
        f"-o {source.with_suffix('.txt').as_posix()}"
    )


def _included(path: Path) -> Iterator[Path]:
    for line in _lines(path):
        if match := _INCLUDE.fullmatch(line):
            name = match[3].strip("'\"")
            file = path.parent / name
            if not file.is_file():
                raise BundleError(
                    f"'{path.as_posix()}' includes '{name}', which is no file beside it. Its "
                    "content is part of the bundle, so it must be on this machine"
                )
            yield file


def _is_constraint(line: str) -> bool:
    match = _INCLUDE.fullmatch(line)
    return bool(match and match[2])


def _without_hash(path: Path) -> Iterator[str]:
    for line in _lines(path):
        if not line.startswith("-") and "--hash" not in line:
            name = _NAME.match(line)
            yield name[0] if name else line


def _lines(path: Path) -> Iterator[str]:
    """Yield what pip and uv read as lines, without comments."""
    whole = path.read_text("utf-8-sig").replace("\r\n", "\n")
    # Comments go first, because one of them may stand between continued lines.
    texts = [_COMMENT.sub("", line) for line in whole.split("\n")]
    for line in "\n".join(texts).replace("\\\n", " ").split("\n"):
        if line.strip():
            yield line.strip()
