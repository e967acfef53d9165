"""Archives: how a bundle's files become bytes that are the same on every machine."""

import json
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .build_process import BundleError, run
from .interpreter import interpreter

# "Lambda quotas" in the Lambda developer guide; `aws lambda get-account-settings` shows the bytes.
MAX_UPLOAD_BYTES = 50 * 1024**2
"""Size of an archive that Lambda's API accepts; larger ones are read from S3."""
MAX_UNZIPPED_BYTES = 250 * 1024**2
"""Size of the files of an archive, wherever Lambda reads it from."""

# Bytecode that never looks at its source's time, since zip members have none. Prints what does not
# compile.
_COMPILE = """
import json, pathlib, py_compile, sys, warnings
warnings.simplefilter("ignore")
broken = {}
for source in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    target = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
    shown = source.relative_to(sys.argv[1]).as_posix()
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(str(source), str(target), shown, doraise=True, invalidation_mode=mode)
    except py_compile.PyCompileError as error:
        wrong = error.exc_value
        line = getattr(wrong, "lineno", None) or 1
        broken[shown] = f"{shown}:{line}: {getattr(wrong, 'msg', wrong)}"
print(json.dumps(broken))
"""


def compile_sources(stage: Path, python: str, shown: str) -> dict[str, str]:
    """Put bytecode beside every source that compiles.

    Args:
        stage: folder of the sources.
        python: minor version that the bytecode is for.
        shown: what the sources are, for the error message.

    Returns:
        What is wrong with each other source, by its path in the folder.

    Raises:
        BundleError: there is no such Python on this machine.
    """
    printed = run(
        # A new process without site packages: what else it holds could change the bytecode.
        [interpreter(python), "-I", "-S", "-c", _COMPILE, str(stage)],
        problem=f"'{shown}' cannot be compiled under Python {python}",
    )
    broken: dict[str, str] = json.loads(printed)
    return broken


def check_unzipped(stage: Path, shown: str) -> None:
    """Check the size of a folder that shall be an archive.

    Raises:
        BundleError: Lambda would reject it.
    """
    size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file())
    if size > MAX_UNZIPPED_BYTES:
        raise BundleError(
            f"'{shown}' has {_mib(size)} unzipped, bytecode included; Lambda accepts at most "
            f"{_mib(MAX_UNZIPPED_BYTES)}. Remove packages from its requirements.txt, or files"
        )


def zip_folder(stage: Path) -> Path:
    """Write `stage` as an archive beside it; the same files give the same bytes.

    Stored, not deflated, whatever the size: compressed bytes differ between zlib builds, stored
    ones never do, and Lambda reads large archives from S3.
    """
    archive = stage.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(path for path in stage.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(path.relative_to(stage).as_posix(), (1980, 1, 1, 0, 0, 0))
            member.external_attr = (0o100755 if is_executable(path) else 0o100644) << 16
            member.create_system = 3  # Unix, whatever this machine is
            zipped.writestr(member, path.read_bytes())
    return archive


def is_executable(path: Path) -> bool:
    """Whether its owner may run a file, whoever asks."""
    return bool(path.stat().st_mode & stat.S_IXUSR)


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A scratch folder beside the results, so that a finished one moves into place in one step."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        stage = Path(scratch) / "stage"
        stage.mkdir()
        yield stage


def publish(made: Path, target: Path) -> None:
    """Move a finished file or folder into place; whoever comes second finds the same one there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(target)
    except OSError:
        if not target.exists():
            raise


def _mib(size: int) -> str:
    return f"{size / 1024**2:.0f} MiB"
