"""Bundles: the zip archives that Lambda runs, the same bytes for the same inputs on every machine.

A bundle holds a function's folder, the libraries of this package that its code imports, the
third-party packages that these pin for the function's CPU and Python, and valid bytecode for all of
it. Its file name carries a digest of every input: an unchanged bundle costs one pass over the
sources, a changed input gives another file.
"""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import pulumi

from .archive import (
    check_unzipped,
    compile_sources,
    is_executable,
    publish,
    staging,
    zip_folder,
)
from .build_process import BundleError, run_uv
from .clashes import check_clashes
from .dependencies import check_imports, reached
from .interpreter import interpreter
from .libraries import Library, imported_libraries, tree
from .requirements import BUILDERS, PACKAGES, check_hashes, requirement_files, with_included
from .runtimes import PLATFORMS

_FORMAT = "4"  # raise it when the same inputs shall give other bytes
_CACHE = Path(".colonnade")  # relative, so that no path of this machine reaches the stack's state
_OPTIONS = {PACKAGES: "--requirements", BUILDERS: "--build-constraints"}
_FOLDERS = ("./", "../")  # how the path of a folder starts, and the name of a function never
_INSTALLER_FILES = {
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "uv_build.json",
    "uv_cache.json",
    ".lock",
}


@dataclass(frozen=True)
class Bundle:
    """What a bundle is made of."""

    source: str
    """A function of this package (`outbox_pipeline/relay`), or a caller's own folder with an
    `app.py`. A path that starts with `./` or `../`, or an absolute one, is always a folder."""
    architecture: str = "arm64"
    """`arm64` or `x86_64`."""
    python: str = "3.13"
    """Minor version of the Lambda runtime."""
    texts: tuple[tuple[str, str], ...] = ()
    """Name and content of further files, from the root of the archive: a schema document."""
    more_libraries: tuple[str, ...] = ()
    """Libraries of this package that it contains although its code does not import them."""

    @property
    def name(self) -> str:
        """Name of the function's folder."""
        return Path(self.source).name

    @property
    def handler(self) -> str:
        """Lambda's `handler` setting; a caller's own folder lies at the root of the archive."""
        return self._app.removesuffix(".py").replace("/", ".") + ".handler"

    @property
    def _app(self) -> str:
        """Name of its first module in the archive."""
        return f"{self.source}/app.py" if self._is_packaged else "app.py"

    @property
    def _starts(self) -> list[str]:
        """Names of the modules that something else than this bundle imports."""
        more = (each for each in self.libraries if each.name in self.more_libraries)
        return [self._app, *(name for each in more for name in each.files if name.endswith(".py"))]

    @property
    def _packaged(self) -> Path:
        """Where its `app.py` is if it is a function of this package."""
        return handlers_folder() / self.source / "app.py"

    @property
    def _is_packaged(self) -> bool:
        is_path = self.source.startswith(_FOLDERS) or Path(self.source).is_absolute()
        return not is_path and self._packaged.is_file()

    @property
    def folder(self) -> Path:
        """The function's folder.

        Raises:
            BundleError: there is no such folder, or it has no `app.py`; or both this package and
                the program have one.
        """
        own = Path(self.source, "app.py")
        if not self._is_packaged:
            if own.is_file():
                return own.parent
            raise BundleError(
                f"'{self.source}' is neither a function of this package nor a folder with an app.py"
            )
        if own.is_file() and not own.samefile(self._packaged):
            raise BundleError(
                f"'{self.source}' is a function of this package and a folder of your program. "
                f"If you mean yours, write './{self.source}'; if not, rename the folder"
            )
        return self._packaged.parent

    def build(self) -> str:
        """Write the archive unless it is there already.

        Returns:
            Its path, relative to the working directory.

        Raises:
            BundleError: an input is missing or does not compile, names clash, its packages cannot
                be installed or are not all there, or it is too large for Lambda.
        """
        files, pins = self._files(), self._pins()
        target = _CACHE / "bundles" / f"{self.name}-{self._digest(files, pins)}.zip"
        if not target.exists():
            with staging(_CACHE) as stage:
                self._fill(stage, files, pins)
                check_imports(stage, files, self._starts, self.python, self.folder)
                self._compile(stage, files)
                check_unzipped(stage, self.source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.with_suffix(".json").write_text(json.dumps(asdict(self)), "utf-8")
                publish(zip_folder(stage), target)
        return target.as_posix()

    @property
    def libraries(self) -> list[Library]:
        """The libraries of this package in it, those that others import included."""
        return imported_libraries(self._own_files(), handlers_folder(), self.more_libraries)

    def _own_files(self) -> dict[str, Path]:
        files = dict(tree(self.folder, self.source if self._is_packaged else ""))
        if self._app not in files:
            raise BundleError(f"'{self.source}': its .lambdaignore leaves out app.py")
        return files

    def _files(self) -> dict[str, Path]:
        """Name in the archive and path of every source file."""
        files = self._own_files()
        for library in self.libraries:
            files |= library.files
        return files

    def _pins(self) -> list[Path]:
        """What the function and its libraries pin: packages, and what builds them from source."""
        folders = [self.folder, *(each.path for each in self.libraries)]
        return [path for folder in folders for path in requirement_files(folder)]

    def _digest(self, files: dict[str, Path], pins: list[Path]) -> str:
        inputs = [_FORMAT, self.architecture, self.python]
        inputs += [
            f"{name} {_mode(files[name]):o} {_sha256_of(files[name])}" for name in sorted(files)
        ]
        inputs += [f"{name} {_sha256(content.encode())}" for name, content in self.texts]
        inputs += [_sha256_of(path) for path in with_included(pins)]
        return _sha256("\n".join(inputs).encode())[:20]

    def _fill(self, stage: Path, files: dict[str, Path], pins: list[Path]) -> None:
        if pins:
            check_hashes(pins, self.python)
            packages = self._packages(pins)
            check_clashes(files, packages, self.source)
            shutil.copytree(packages, stage, dirs_exist_ok=True)
        for name, path in files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, stage / name)
            (stage / name).chmod(_mode(path))
        for name, content in self.texts:
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(content.encode())

    def _compile(self, stage: Path, files: dict[str, Path]) -> None:
        """Compile all modules. A file that no import reaches may be no module: a template."""
        broken = compile_sources(stage, self.python, self.source)
        under = f"does not compile under Python {self.python}"
        needed = reached(files, self._starts)
        for name, problem in broken.items():
            if name in needed:
                raise BundleError(f"'{self.source}' {under}: {problem}")
            if name in files:
                pulumi.log.info(f"'{self.source}': no import reaches {problem} ({under})")

    def _packages(self, pins: list[Path]) -> Path:
        """Folder of the third-party packages, shared by every bundle that pins the same ones."""
        lock = b"".join(path.read_bytes() for path in with_included(pins))
        lock += f"{_FORMAT} {self.architecture} {self.python}".encode()
        target = _CACHE / "packages" / _sha256(lock)[:20]
        if not target.is_dir():
            with staging(_CACHE) as stage:
                self._install(stage, pins)
                publish(stage, target)
        return target

    def _install(self, target: Path, pins: list[Path]) -> None:
        run_uv(
            ["pip", "install", "--quiet", "--no-deps", "--require-hashes"],
            # A requirements.txt may let a package be built from source: `--no-binary name`. What
            # builds it runs with the rights of whoever deploys, so its hashes are required too.
            ["--only-binary=:all:", "--target", str(target)],
            ["--require-build-hashes", "--preview-features", "build-dependency-hashes"],
            [word for path in pins for word in (_OPTIONS[path.name], str(path))],
            ["--python", interpreter(self.python), "--python-version", self.python],
            ["--python-platform", PLATFORMS[self.architecture]],
            problem=f"'{self.source}': requirements.txt cannot be installed for "
            f"{self.architecture} and Python {self.python}. Indexes are set by variables such as "
            "UV_DEFAULT_INDEX, not by uv.toml; packages to build from source need "
            "requirements.build.txt, with hashes of what builds them",
        )
        shutil.rmtree(target / "bin", ignore_errors=True)
        for built in target.rglob("uv_build.json"):  # from source, by the builders or from a cache
            for about_them in ("METADATA", "WHEEL"):
                (built.parent / about_them).unlink()
        for path in target.rglob("*"):
            if path.name in _INSTALLER_FILES:
                path.unlink()


def handlers_folder() -> Path:
    """Folder of the Lambda code: in the installed package, or beside this one in a checkout."""
    here = Path(__file__).resolve().parents[1]
    inside = here / "handlers"
    return inside if inside.is_dir() else here.parent / "handlers"


def rebuild(path: str) -> str:
    """Build the bundle again that once gave `path`; the new path differs if an input changed.

    Raises:
        BundleError: as `Bundle.build`.
    """
    made = json.loads(Path(path).with_suffix(".json").read_text("utf-8"))
    texts = tuple((name, content) for name, content in made.get("texts", ()))
    libraries = tuple(made.get("more_libraries", ()))
    return Bundle(**{**made, "texts": texts, "more_libraries": libraries}).build()


def _mode(path: Path) -> int:
    return 0o755 if is_executable(path) else 0o644


def _sha256_of(path: Path) -> str:
    return _sha256(path.read_bytes())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
