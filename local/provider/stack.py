"""Stacks on Pulumi's engine, with the emulator as AWS."""

import json
import os
import runpy
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml
import yamlcore
from pulumi import automation

from local.engine.program import Run
from local.errors import LocalError
from local.folder import Folder

PROJECT = Path(__file__).resolve().parents[2]
CLI = shutil.which("pulumi") or shutil.which("pulumi", path=str(PROJECT / ".colonnade/engine/bin"))
PASSPHRASE = (
    "the state of an embedded cloud"  # not confidential: the state is removed with the emulator
)
NOT_THE_PROGRAM = (".git", ".local", "Pulumi")


def environment(folder: Path, endpoint: str, secret: str) -> dict[str, str]:
    """Returns the CLI's environment: our provider on PATH, and a home and state in `folder`.

    Raises LocalError if there is no CLI.
    """
    if CLI is None:
        raise LocalError("there is no Pulumi CLI; `make engine` finds or builds one")
    state, plugins = folder / "state", folder / "plugins"
    state.mkdir(parents=True, exist_ok=True)
    add_plugin(plugins, "aws", f"PYTHONPATH={PROJECT} exec {sys.executable} -P -m local.provider")
    return {
        "PATH": os.pathsep.join((str(plugins), str(Path(CLI).parent), os.environ["PATH"])),
        "COLONNADE_ENDPOINT": endpoint,
        "COLONNADE_SECRET": secret,
        "COLONNADE_ADDRESSES": str(folder / "addresses"),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # Write the state once and not after each resource.
        "PULUMI_EXPERIMENTAL": "true",
        "PULUMI_SKIP_CHECKPOINTS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def add_plugin(folder: Path, name: str, command: str) -> None:
    """Writes the executable with which the engine starts a provider."""
    folder.mkdir(exist_ok=True)
    plugin = folder / f"pulumi-resource-{name}"
    plugin.write_text(f'#!/bin/sh\n{command} "$@"\n', "utf-8")
    plugin.chmod(0o755)


def open_stack(run: Run) -> automation.Stack:
    """Returns the stack of a run and creates it if needed. The program runs in this process.

    The CLI reads configuration from files, and finds code and pages beside them. So the entries of
    the program are linked into a folder whose Pulumi.<stack>.yaml holds the values of this run.
    """
    folder = Folder(Path(run.folder)).pulumi
    os.environ.update(environment(folder, run.endpoint, run.secret))
    work = folder / "program"
    work.mkdir(exist_ok=True)
    for entry in Path(run.folder).iterdir():
        link = work / entry.name
        if not entry.name.startswith(NOT_THE_PROGRAM) and not link.exists():
            link.symlink_to(entry)
    # Without the types of settings, for which the CLI would reject values that are text.
    (work / "Pulumi.yaml").write_text(
        json.dumps({"name": run.project, "runtime": "python"}), "utf-8"
    )
    settings = work / f"Pulumi.{run.stack}.yaml"
    write_config(settings, run.config)
    os.chdir(work)
    sys.path.insert(0, run.folder)  # the program's modules, as under Pulumi's language host
    return automation.create_or_select_stack(
        run.stack,
        project_name=run.project,
        program=_program,
        opts=automation.LocalWorkspaceOptions(work_dir=str(work)),
    )


def write_config(settings: Path, config: Mapping[str, str]) -> None:
    """Replaces the configuration in a stack's file, and keeps what the CLI has added to it.

    The CLI reads YAML 1.2. JSON is part of it and quotes all text, whereas a dumper of YAML 1.1
    writes `1e3` and `0o17` plainly, which the CLI would read as numbers.
    """
    text = settings.read_text("utf-8") if settings.exists() else ""
    kept = yaml.load(text, yamlcore.CCoreLoader) or {}
    settings.write_text(json.dumps({**kept, "config": dict(config)}), "utf-8")


def _program() -> None:
    runpy.run_path("__main__.py", run_name="__main__")
