"""The typed Python client of an API, written by openapi-python-client."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .stack_outputs import CommandError


def write(document: Path, folder: Path) -> Path:
    """Write a package that pip installs, in place of the one that was there.

    Args:
        document: the OpenAPI document; `todo.yaml` gives the package `todo_client`.
        folder: the folder of the package's `pyproject.toml`.

    Returns:
        The folder of the package itself.

    Raises:
        CommandError: the document, or a part of it, cannot become a client.
    """
    name = f"{document.stem}-client"
    package = name.replace("-", "_")
    with tempfile.TemporaryDirectory() as temporary:
        written = Path(temporary, name)
        _generate(document, name, package, written)
        _format(written / package)
        shutil.rmtree(folder, ignore_errors=True)  # what the document no longer has
        shutil.copytree(written, folder)
    return folder / package


def _generate(document: Path, name: str, package: str, written: Path) -> None:
    config = written.with_suffix(".json")
    names = {"project_name_override": name, "package_name_override": package}
    # Its own formatting would look for ruff on the PATH and go without it.
    config.write_text(json.dumps({**names, "post_hooks": []}))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "uv"]
    # It leaves out what it cannot express; a client without an operation is no client.
    command += ["--fail-on-warning", "--config", str(config), "--output-path", str(written)]
    done = subprocess.run([*command, "--path", str(document)], capture_output=True, text=True)
    if done.returncode:
        reason = done.stderr.strip() or done.stdout.strip()
        raise CommandError(f"no Python client of {document.name}\n{reason}")


def _format(package: Path) -> None:
    """Format by the same rules wherever the client lies, without unused imports."""
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["--isolated", "--no-cache", "--quiet", "--target-version", "py311"]
    for command in (["check", "--fix-only", "--select", "F,I,UP"], ["format"]):
        subprocess.run([*ruff, *command, *rules, "--line-length", "100", package], check=True)
