"""Projects and their stacks, operated by the Pulumi CLI."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.engine.accounts import ROOT, Account, Done

PARTS = (
    "__main__.py",
    "settings.py",
    "systems",
    "components",
    "handlers",
    "apis",
    "schemas",
    "site",
)
ARM = platform.machine().lower() in ("arm64", "aarch64")
ARCHITECTURE = "arm64" if ARM else "x86_64"
PYTHON = "{}.{}".format(*sys.version_info)
IN_PYTHON = (sys.executable, str(ROOT / "tests/engine/operate.py"))


class Project:
    """A folder with a program and its stacks."""

    def __init__(self, account: Account, folder: Path, operator: Sequence[str] = IN_PYTHON) -> None:
        """`operator` is the command that runs one operation on the program in `folder`."""
        self._account, self._operator = account, operator
        self.folder = folder
        for built in ("bundles", "packages"):
            if (ROOT / ".colonnade" / built).is_dir():  # building them again would take a minute
                _link(ROOT / ".colonnade" / built, folder / ".colonnade" / built)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI directly, for operations without a program."""
        return self._execute(["pulumi", *arguments, "--non-interactive", "--color=never"])

    def run(self, stack: str, operation: str, **options: bool) -> Done:
        """Run one operation of the CLI and return its result."""
        result, printed = self._operate(stack, operation, options)
        return Done(
            result["succeeded"], printed, result["steps"], result["messages"], result["outputs"]
        )

    def export(self, stack: str) -> dict[str, Any]:
        """Return the stack's state."""
        return json.loads(self.cli("stack", "export", f"--stack={stack}").stdout)["deployment"]

    def _operate(
        self, stack: str, operation: str, options: dict[str, bool]
    ) -> tuple[dict[str, Any], str]:
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        flags = (f"{key}={str(value).lower()}" for key, value in options.items())
        done = self._execute([*self._operator, stack, operation, str(result), *flags])
        assert result.exists(), done.stdout
        return json.loads(result.read_text()), done.stdout

    def _execute(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._account.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )


class Checkout(Project):
    """A copy of the platform."""

    def __init__(self, account: Account, name: str, tag: str | None = None) -> None:
        """Copy the current platform, or that of a tag."""
        folder = account.folder / name
        folder.mkdir()
        if tag is None:
            _copy(folder)
        else:
            _extract(tag, folder)
        super().__init__(account, folder)

    def configure(self, stack: str, **values: Any) -> None:
        """Set config values of a stack. A new stack starts as a copy of dev."""
        file = self.folder / f"Pulumi.{stack}.yaml"
        source = file if file.exists() else self.folder / "Pulumi.dev.yaml"
        content = yaml.safe_load(source.read_text())
        content["config"] |= {f"colonnade:{key}": value for key, value in values.items()}
        content["config"]["colonnade:lambdaArchitecture"] = ARCHITECTURE
        content["config"]["colonnade:lambdaPython"] = PYTHON
        file.write_text(yaml.safe_dump(content))


def _copy(folder: Path) -> None:
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, folder)


def _extract(tag: str, folder: Path) -> None:
    archive = folder.with_suffix(".tar")
    subprocess.run(["git", "archive", f"--output={archive}", tag], cwd=ROOT, check=True)
    shutil.unpack_archive(archive, folder)


def _link(source: Path, target: Path) -> None:
    """Copy a folder with hard links; its files are never changed in place."""
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except shutil.Error:  # the temporary folder is on another disk
        shutil.copytree(source, target, dirs_exist_ok=True)
