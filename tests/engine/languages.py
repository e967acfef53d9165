"""The examples in YAML and TypeScript as projects."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.accounts import ROOT, Account
from tests.engine.projects import ARCHITECTURE, IN_PYTHON, PYTHON, Project
from tests.examples.test_yaml import of_this_machine

EXAMPLES = ROOT / "tests" / "examples"
HERE = Path(__file__).parent
GENERATOR = ROOT / ".colonnade" / "engine" / "bin" / "typescript-sdk"


def schema(account: Account, project: Project) -> str:
    """Return the schema of the components, as the CLI gets it from the plugin."""
    done = project.cli("package", "get-schema", str(account.plugins / "pulumi-resource-colonnade"))
    assert done.returncode == 0, done.stdout
    return done.stdout


def _use_path(folder: Path) -> None:
    """Use the plugin on PATH: a folder of components would need Pulumi's Python host."""
    file = folder / "Pulumi.yaml"
    kept = [line for line in file.read_text().splitlines() if "colonnade: ../../" not in line]
    file.write_text("\n".join(kept).replace("packages:\n", ""))


def yaml(account: Account) -> Project:
    """The YAML example. yaml_host.py replaces Pulumi's language host."""
    account.folder.joinpath("yaml").mkdir()
    folder = of_this_machine(account.folder / "yaml")
    _use_path(folder)
    shutil.copy(EXAMPLES / "yaml_program.py", folder)
    shutil.copy(HERE / "yaml_host.py", folder / "__main__.py")
    return Project(account, folder, IN_PYTHON)


def typescript(account: Account) -> Project:
    """The compiled TypeScript example. operate.ts replaces Pulumi's language host."""
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("npm is missing: no TypeScript program")
    folder = account.folder / "typescript"
    shutil.copytree(EXAMPLES / "typescript", folder)
    _use_path(folder)
    shutil.copy(HERE / "operate.ts", folder)
    folder.joinpath("Pulumi.typescript.yaml").write_text(
        f'config: {{ "shop:architecture": "{ARCHITECTURE}", "shop:python": "{PYTHON}" }}\n'
    )
    project = Project(account, folder, ("node", "bin/operate.js"))
    sdk = folder / "sdks" / "colonnade"
    if GENERATOR.exists():
        subprocess.run([GENERATOR, sdk], input=schema(account, project), text=True, check=True)
    else:
        plugin = str(account.plugins / "pulumi-resource-colonnade")
        made = folder / "made"
        options = ("--language=nodejs", "--local", f"--out={made}")
        done = project.cli("package", "gen-sdk", plugin, *options)
        assert done.returncode == 0, done.stdout
        shutil.move(made / "nodejs", sdk)
    for command in (
        ("npm", "ci", "--no-progress"),
        ("npm", "rebuild", "--ignore-scripts=false", "@pulumi/colonnade"),  # compiles it
        ("npx", "--no-install", "tsc"),
    ):
        compiled = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert compiled.returncode == 0, compiled.stdout
    return project


LANGUAGES: dict[str, Callable[[Account], Project]] = {"yaml": yaml, "typescript": typescript}
