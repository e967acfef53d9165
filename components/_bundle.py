"""Bundles: the zip archives that Lambda runs, the same bytes for the same inputs on every machine.

A bundle holds a function's folder, the libraries it names, its pinned third-party packages for the
function's CPU and Python, and valid bytecode for all of it. Its file name carries a digest of every
input: an unchanged bundle costs one pass over the sources, a changed input gives another file.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pulumi
import uv

_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
_FORMAT = "1"  # raise it when the same inputs shall give other bytes
_CACHE = Path(".colonnade")  # relative, so that no path of this machine reaches the stack's state
_INSTALLER_FILES = {
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "uv_build.json",
    "uv_cache.json",
    ".lock",
}

# Bytecode that never looks at its source's time (zip members have none) and holds no trace of the
# compiling process: marshal version 2 writes each object in full, later ones mark shared ones.
_COMPILE = """
import marshal, pathlib, py_compile, sys
for source in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    target = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
    shown = source.relative_to(sys.argv[1]).as_posix()
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(str(source), str(target), shown, doraise=True, invalidation_mode=mode)
    except py_compile.PyCompileError as error:
        wrong = error.exc_value
        sys.exit(f"{wrong.filename}:{wrong.lineno}: {wrong.msg}")
    data = target.read_bytes()
    target.write_bytes(data[:16] + marshal.dumps(marshal.loads(data[16:]), 2))
"""


class BundleError(pulumi.RunError):
    """A bundle cannot be built; the message says why and what to do."""


@dataclass(frozen=True)
class Bundle:
    """What a bundle is made of."""

    source: str
    """A function of this package (`outbox_pipeline/relay`), or a caller's own folder (`app.py`)."""
    libraries: tuple[str, ...] = ()
    """Folders of `handlers/libraries` that it imports."""
    architecture: str = "arm64"
    """`arm64` or `x86_64`."""
    python: str = "3.13"
    """Minor version of the Lambda runtime."""

    @property
    def name(self) -> str:
        """Name of the function's folder."""
        return Path(self.source).name

    @property
    def handler(self) -> str:
        """Lambda's `handler` setting; a caller's own folder lies at the root of the archive."""
        ours = self._packaged.is_file()
        return f"{self.source.replace('/', '.')}.app.handler" if ours else "app.handler"

    @property
    def _packaged(self) -> Path:
        """Where its `app.py` is if it is a function of this package; an absolute path never is."""
        return Path(f"{handlers_folder()}/{self.source}/app.py")

    @property
    def folder(self) -> Path:
        """The function's folder.

        Raises:
            BundleError: there is no such folder, or it has no `app.py`.
        """
        for app in (self._packaged, Path(self.source, "app.py")):
            if app.is_file():
                return app.parent
        raise BundleError(
            f"'{self.source}' is neither a function of this package nor a folder with an app.py"
        )

    def build(self) -> str:
        """Write the archive unless it is there already.

        Returns:
            Its path, relative to the working directory.

        Raises:
            BundleError: an input is missing, does not compile, or its packages cannot be installed.
        """
        files = dict(self._files())
        target = _CACHE / "bundles" / f"{self.name}-{self._digest(files)}.zip"
        if not target.exists():
            with _staging() as stage:
                self._fill(stage, files)
                self._compile(stage)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.with_suffix(".json").write_text(json.dumps(asdict(self)))
                _zip(stage, target)
        return target.as_posix()

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Name in the archive and path of every source file."""
        yield from _tree(self.folder, self.source if self._packaged.is_file() else "")
        for library in self.libraries:
            folder = handlers_folder() / "libraries" / library
            if not folder.is_dir():
                raise BundleError(f"there is no library '{library}' in {folder.parent}")
            yield from _tree(folder, library)

    def _digest(self, files: dict[str, Path]) -> str:
        inputs = [_FORMAT, self.architecture, self.python]
        inputs += [f"{name} {_sha256(files[name].read_bytes())}" for name in sorted(files)]
        if self._requirements.is_file():
            inputs.append(_sha256(self._requirements.read_bytes()))
        return _sha256("\n".join(inputs).encode())[:20]

    @property
    def _requirements(self) -> Path:
        return self.folder / "requirements.txt"

    def _fill(self, stage: Path, files: dict[str, Path]) -> None:
        if self._requirements.is_file():
            shutil.copytree(self._packages(), stage, dirs_exist_ok=True)
        for name, path in files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, stage / name)

    def _packages(self) -> Path:
        """Folder of the third-party packages, shared by every bundle that pins the same ones."""
        lock = self._requirements.read_bytes() + f"{self.architecture} {self.python}".encode()
        target = _CACHE / "packages" / _sha256(lock)[:20]
        if not target.is_dir():
            with _staging() as stage:
                self._install(stage)
                _publish(stage, target)
        return target

    def _install(self, target: Path) -> None:
        _run(
            [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"],
            [
                "--only-binary=:all:",
                "--target",
                str(target),
                "--requirements",
                str(self._requirements),
            ],
            ["--python-platform", _PLATFORMS[self.architecture], "--python-version", self.python],
            problem=f"'{self.source}': its requirements.txt cannot be installed for "
            f"{self.architecture} and Python {self.python}",
        )
        shutil.rmtree(target / "bin", ignore_errors=True)
        for path in target.rglob("*"):
            if path.name in _INSTALLER_FILES:
                path.unlink()

    def _compile(self, stage: Path) -> None:
        _run(
            [_interpreter(self.python), "-I", "-c", _COMPILE, str(stage)],
            problem=f"'{self.source}' does not compile under Python {self.python}",
        )


def handlers_folder() -> Path:
    """Folder of the Lambda code: in the installed package, or beside this one in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "handlers"
    return inside if inside.is_dir() else here.parent / "handlers"


def rebuild(path: str) -> str:
    """Build the bundle again that once gave `path`; the new path differs if an input changed.

    Raises:
        BundleError: as `Bundle.build`.
    """
    made = json.loads(Path(path).with_suffix(".json").read_text())
    return Bundle(**{**made, "libraries": tuple(made["libraries"])}).build()


def _tree(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
        if path.is_file() and not hidden and not path.name.startswith("requirements."):
            yield (Path(prefix) / relative).as_posix(), path


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _interpreter(python: str) -> str:
    """An interpreter of the runtime's minor version: Lambda ignores bytecode of another one."""
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = subprocess.run(
        [uv.find_uv_bin(), "python", "find", "--no-project", "--quiet", python],
        capture_output=True,
        text=True,
    )
    if found.returncode:
        raise BundleError(
            f"Python {python} is needed to compile the bytecode of a bundle for that runtime: "
            f"run `uv python install {python}`, or choose this machine's version"
        )
    return found.stdout.strip()


def _run(*command: Sequence[str], problem: str) -> None:
    done = subprocess.run(
        [word for part in command for word in part], capture_output=True, text=True
    )
    if done.returncode:
        raise BundleError(f"{problem}: {done.stderr.strip() or done.stdout.strip()}")


@contextmanager
def _staging() -> Iterator[Path]:
    """A scratch folder beside the results, so that a finished one moves into place in one step."""
    _CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE, ignore_cleanup_errors=True) as scratch:
        stage = Path(scratch) / "stage"
        stage.mkdir()
        yield stage


def _publish(made: Path, target: Path) -> None:
    """Move a finished file or folder into place; whoever comes second finds the same one there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(target)
    except OSError:
        if not target.exists():
            raise


def _zip(stage: Path, target: Path) -> None:
    """Store, not deflate: compressed bytes differ between zlib builds, stored ones never do."""
    archive = stage.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(path for path in stage.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(path.relative_to(stage).as_posix(), (1980, 1, 1, 0, 0, 0))
            member.external_attr = (0o100755 if os.access(path, os.X_OK) else 0o100644) << 16
            member.create_system = 3  # Unix, whatever this machine is
            zipped.writestr(member, path.read_bytes())
    _publish(archive, target)
