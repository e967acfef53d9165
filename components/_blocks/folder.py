"""The files below a folder, with symbolic links followed inside of it."""

from collections.abc import Callable, Iterator
from pathlib import Path


def is_hidden(path: str) -> bool:
    """Whether a site leaves a path out: its name starts with a dot and is not `.well-known`."""
    name = Path(path).name
    return name.startswith(".") and name != ".well-known"


def files_below(root: Path, left_out: Callable[[str], bool] = is_hidden) -> Iterator[Path]:
    """Yield the files below a folder, sorted.

    Args:
        root: the folder.
        left_out: whether to skip a path relative to the folder; that of a folder ends in a slash,
            and nothing below a skipped folder is looked at.

    Raises:
        ValueError: a symbolic link leads nowhere, out of the folder, to a folder around it, or to
            something that is left out.
    """
    yield from _Walk(root, root.resolve(), left_out).below(root, (root.resolve(),))


class _Walk:
    def __init__(self, root: Path, top: Path, left_out: Callable[[str], bool]) -> None:
        self._root, self._top, self._left_out = root, top, left_out

    def below(self, folder: Path, around: tuple[Path, ...]) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            is_folder = path.is_dir()
            name = path.relative_to(self._root).as_posix()
            if self._left_out(f"{name}/" if is_folder else name):
                continue
            if path.is_symlink():
                self._check(path, path.resolve(), around)
            if is_folder:
                yield from self.below(path, (*around, path.resolve()))
            elif path.is_file():
                yield path

    def _check(self, path: Path, target: Path, around: tuple[Path, ...]) -> None:
        link = f"'{path}' is a symbolic link"
        if not target.is_relative_to(self._top):
            raise ValueError(f"{link} to '{path.readlink()}', outside of the folder; copy the file")
        if not target.exists():
            raise ValueError(f"{link} to '{path.readlink()}', which does not exist; remove it")
        if self._is_left_out(target):
            raise ValueError(
                f"{link} to '{path.readlink()}', which is hidden or ignored; copy the file"
            )
        if target in around:
            raise ValueError(f"{link} to '{path.readlink()}', a folder around it; remove it")

    def _is_left_out(self, target: Path) -> bool:
        """Whether the walk would skip the target, or a folder that it lies in."""
        relative = target.relative_to(self._top)
        folders = [f"{each.as_posix()}/" for each in relative.parents if each != Path()]
        own = f"{relative.as_posix()}/" if target.is_dir() else relative.as_posix()
        return target != self._top and any(map(self._left_out, [*folders, own]))
