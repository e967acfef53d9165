"""The files below a folder, with symbolic links followed inside of it."""

from collections.abc import Iterator
from pathlib import Path


def files_below(root: Path) -> Iterator[Path]:
    """Yield the files below a folder, sorted, without hidden ones.

    Raises:
        ValueError: a symbolic link leads nowhere, out of the folder, or to a folder around it.
    """
    yield from _below(root, root.resolve(), (root.resolve(),))


def _below(folder: Path, top: Path, around: tuple[Path, ...]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") and path.name != ".well-known":
            continue
        target = path.resolve()
        if path.is_symlink():
            _check(path, target, top, around)
        if path.is_dir():
            yield from _below(path, top, (*around, target))
        elif path.is_file():
            yield path


def _check(path: Path, target: Path, top: Path, around: tuple[Path, ...]) -> None:
    link = f"'{path}' is a symbolic link"
    if not target.is_relative_to(top):
        raise ValueError(f"{link} to '{path.readlink()}', outside of the folder; copy the file")
    if any(
        part.startswith(".") and part != ".well-known" for part in target.relative_to(top).parts
    ):
        raise ValueError(f"{link} to the hidden '{path.readlink()}'; copy the file")
    if not target.exists():
        raise ValueError(f"{link} to '{path.readlink()}', which does not exist; remove it")
    if target in around:
        raise ValueError(f"{link} to '{path.readlink()}', a folder around it; remove it")
