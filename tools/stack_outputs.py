"""Where a command finds a system: the outputs of its stack, and the cloud they belong to."""

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCAL = Path(".local/outputs.json")
LOCAL_ENV = Path(".local/env")


class CommandError(Exception):
    """What keeps a command from its work, in one line."""


@dataclass(frozen=True)
class System:
    """One system of a deployed stack."""

    place: str
    """What to tell the user about where it runs."""
    outputs: Mapping[str, Any]
    environment: Mapping[str, str]
    """Settings of the AWS SDK to use; empty for those of the caller."""

    def __getitem__(self, output: str) -> str:
        """One output.

        Raises:
            CommandError: the stack has no such output.
        """
        if not self.outputs.get(output):
            raise CommandError(f"the stack has no output '{output}' (outputs of {self.place})")
        return str(self.outputs[output])


def add_stack_options(parser: argparse.ArgumentParser) -> None:
    """Options `--stack` and `--outputs`, as `find_system` takes them."""
    parser.add_argument("--stack", default="dev", help="the Pulumi stack (default: dev)")
    parser.add_argument(
        "--outputs",
        metavar="FILE",
        help="stack outputs as `pulumi stack output --json` writes them, - for standard input "
        "(default: what runs on this machine, else the stack's)",
    )


def find_system(name: str, stack: str, file: str | None) -> System:
    """Read the outputs of a system.

    Args:
        name: the system, such as `orders`.
        stack: the stack.
        file: a file as `pulumi stack output --json` writes it, `-` for standard input. Default:
            the stack of that name on this machine (`.local/outputs.json`) if it is the one that
            runs, else the Pulumi CLI's answer.

    Raises:
        CommandError: there are no such outputs.
    """
    environment: Mapping[str, str] = {}
    if file:
        place, text = file, sys.stdin.read() if file == "-" else _read(Path(file))
    elif LOCAL.is_file() and _local_settings().get("COLONNADE_STACK", stack) == stack:
        place, text = str(LOCAL), _read(LOCAL)
        environment = {} if "AWS_ENDPOINT_URL" in os.environ else _local_settings()
    else:
        place, text = f"stack {stack}", _ask_pulumi(stack)
    outputs = _parse(text, place)
    if not isinstance(outputs.get(name), dict):
        raise CommandError(f"{place} has no system '{name}'; it has {', '.join(outputs) or 'none'}")
    return System(place, outputs[name], environment)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from None


def _parse(text: str, place: str) -> dict[str, Any]:
    try:
        outputs = json.loads(text)
    except ValueError:
        raise CommandError(f"{place} is not JSON") from None
    if not isinstance(outputs, dict):
        raise CommandError(f"{place} is not a JSON object")
    return outputs


def _local_settings() -> dict[str, str]:
    """What `.local/env` sets, all of it or nothing: a mixture would reach neither cloud."""
    if not LOCAL_ENV.is_file():
        return {}
    words = shlex.split(LOCAL_ENV.read_text(encoding="utf-8"), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


def _ask_pulumi(stack: str) -> str:
    command = ["pulumi", "stack", "output", "--json", "--stack", stack]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise CommandError(
            f"stack {stack} does not run here (see {LOCAL}) and the Pulumi CLI is not installed; "
            "give --outputs FILE"
        ) from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or "no reason given").splitlines()[-1]
        raise CommandError(f"{' '.join(command)} failed: {reason}") from None
    return done.stdout
