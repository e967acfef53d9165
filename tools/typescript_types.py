"""The TypeScript types of an API, written by openapi-typescript in the version of `typescript/`."""

import shutil
import subprocess
from pathlib import Path

from .stack_outputs import CommandError

PROJECT = Path(__file__).parent / "typescript"
GENERATOR = PROJECT / "node_modules" / "openapi-typescript" / "bin" / "cli.js"


def find_npm() -> str | None:
    """Path of npm, which comes with Node.js; None where there is none."""
    return shutil.which("npm") if shutil.which("node") else None


def write(npm: str, document: Path, folder: Path) -> Path:
    """Write the types, in place of those that were there.

    Args:
        npm: path of npm; it installs the generator, by its lock file, when that has changed.
        document: the OpenAPI document; `todo.yaml` gives `todo.d.ts`.
        folder: where the file goes.

    Returns:
        The file.

    Raises:
        CommandError: npm cannot install the generator, or the document has no types.
    """
    install(npm)
    folder.mkdir(parents=True, exist_ok=True)
    types = folder / f"{document.stem}.d.ts"
    command = ["node", str(GENERATOR), str(document.resolve()), "--output", str(types.resolve())]
    _run(command, f"no TypeScript types of {document.name}")
    return types


def install(npm: str) -> None:
    """Install exactly what the lock file names, unless it is there.

    Raises:
        CommandError: npm fails.
    """
    lock, installed = PROJECT / "package-lock.json", PROJECT / "node_modules" / ".installed"
    if installed.is_file() and installed.read_bytes() == lock.read_bytes():
        return
    _run([npm, "ci", "--no-progress"], "npm cannot install tools/typescript")
    installed.write_bytes(lock.read_bytes())


def _run(command: list[str], complaint: str) -> None:
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise CommandError(f"{complaint}\n{done.stderr.strip()}")
