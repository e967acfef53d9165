"""Projects for tests: a program of the test, one of `programs/`, or a copy of the repository."""

import itertools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # compiles the bundles' bytecode
EVERYTHING = {"alarmEmail": "someone@example.com", "lambdaPython": PYTHON}
"""Config values that turn on every optional part of the platform."""
PROGRAMS = Path(__file__).parent / "programs"
PROJECT = """\
name: sample
runtime: python
config:
  greeting: { type: string, default: hello }
  count: { type: integer, default: 3 }
  flags: { type: array, default: [a, b] }
  nested: { type: object, default: { deep: [1, 2] } }
  enabled: { type: boolean, default: true }
  lambdaArchitecture: { type: string, default: arm64 }
  lambdaPython: { type: string, default: "3.13" }
"""
STACK = """\
config:
  sample:greeting: hi
  aws:defaultTags: { tags: { team: platform } }
"""


def write_project(folder: Path) -> Path:
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "Pulumi.dev.yaml").write_text(STACK)
    return folder


def copy_program(name: str, folder: Path) -> Path:
    """The program `programs/<name>` as a project in `folder`."""
    shutil.copytree(PROGRAMS / name, folder, dirs_exist_ok=True)
    return write_project(folder)


def copy_repository(folder: Path) -> Path:
    """The files of the repository in a new folder, with the virtual environment of this one."""
    tracked = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in tracked.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    # The pages' own ports may be taken on this machine.
    config = folder / "Pulumi.dev.yaml"
    config.write_text(
        f"{config.read_text()}  colonnade:todoSiteUrl: http://localhost:{free_port()}\n"
        f"  colonnade:telemetrySiteUrl: http://localhost:{free_port()}\n"
    )
    return folder


def free_port() -> int:
    """A free port, another at each call, below the ports that the system itself gives out."""
    for port in _PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable: the ports repeat")


def _ports() -> Iterator[int]:
    """Yield the ports of this worker of pytest-xdist; each process starts at another one."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    first, count = 20_000 + 1_000 * worker, 1_000
    for number in itertools.count(os.getpid() * 37):
        yield first + number % count


_PORTS = _ports()
