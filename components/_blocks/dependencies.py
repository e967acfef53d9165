"""Dependencies: whether a bundle has what its code imports."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pulumi

from .build_process import BundleError
from .imports import Import, When, imports, modules
from .interpreter import standard_library
from .requirements import lock_command
from .runtimes import RUNTIME_MODULES

_CODE = (".py", ".so", ".pyc")


def reached(files: Mapping[str, Path], starts: Sequence[str]) -> dict[str, When]:
    """Return the modules that run if those of `starts` are imported, and when they do.

    Args:
        files: path of each file, by its name in the archive.
        starts: names of the first modules.
    """
    found: dict[str, When] = {}
    left = [(each, When.START) for each in starts]
    while left:
        name, when = left.pop()
        if found.get(name, -1) >= when:
            continue
        found[name] = when
        for each in imports(name, files[name]):
            left += [(other, min(when, each.when)) for other in modules(each, files.keys())]
    return found


def check_imports(
    stage: Path, files: Mapping[str, Path], starts: Sequence[str], python: str, folder: Path
) -> None:
    """Check that every import finds its module. Optional ones are not checked: those in a branch,
    and those whose failure is caught.

    Args:
        stage: the bundle's files, with its packages.
        files: path of each file that is no package, by its name in the archive.
        starts: names of the first modules.
        python: Python version of the function.
        folder: the function's folder, for the message.

    Raises:
        BundleError: an import that runs at the start of the function finds nothing. One that a
            function runs gives a warning.
    """
    missing: dict[When, list[str]] = {When.START: [], When.CALL: []}
    given = standard_library(python) | RUNTIME_MODULES | _of_other_folders(files)
    for name, when in sorted(reached(files, starts).items()):
        for each in sorted(imports(name, files[name])):
            runs = min(when, each.when)
            known = bool(each.module) and each.module[0] in given
            if runs in missing and not known and not _has(stage, each):
                module = ".".join(each.module) or each.member
                missing[runs].append(f"{module} ({name}:{each.line})")
    lacks = f"'{folder.name}' has no requirement and Lambda's runtime no module for the import of"
    fix = (
        f"Add the package to {folder.name}/requirements.in and lock it: "
        f"`{lock_command(folder / 'requirements.in', python)}`. If a layer has it, end the line "
        "with the comment `# layer`"
    )
    if missing[When.CALL]:
        pulumi.log.warn(f"{lacks} {', '.join(missing[When.CALL])}. {fix}")
    if missing[When.START]:
        raise BundleError(f"{lacks} {', '.join(missing[When.START])}. {fix}")


def _has(stage: Path, wanted: Import) -> bool:
    folder = stage
    for part in (*wanted.module, *({wanted.member} - {"", "*"})):
        inside = folder / part
        if inside.is_dir():
            if next(inside.glob("__init__.*"), None):
                return True  # a package may make further modules as it likes
            folder = inside
        else:
            return any(path.suffix in _CODE for path in folder.glob(f"{part}.*"))
    return True  # a folder without `__init__.py` is a package too


def _of_other_folders(files: Mapping[str, Path]) -> frozenset[str]:
    """Modules in folders that the code may add to `sys.path`."""
    code = [path for name, path in files.items() if name.endswith(".py")]
    if not any(b"sys.path" in path.read_bytes() for path in code):
        return frozenset()
    return frozenset(part.split(".")[0] for name in files for part in Path(name).parts)
