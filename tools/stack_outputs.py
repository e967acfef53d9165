"""The outputs of a stack, and the AWS settings to reach it."""

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
    """The reason why a command failed, in one line."""


@dataclass(frozen=True)
class _Outputs:
    place: str
    """Where the outputs come from, for messages."""
    outputs: Mapping[str, Any]
    environment: Mapping[str, str]
    """Environment variables of the AWS SDK; empty to use those of the shell."""


class System(_Outputs):
    """One system of a deployed stack."""

    def __getitem__(self, output: str) -> str:
        """Return an output.

        Raises:
            CommandError: the stack has no such output.
        """
        if not self.outputs.get(output):
            raise CommandError(f"the stack has no output '{output}' (outputs of {self.place})")
        return str(self.outputs[output])


class Stack(_Outputs):
    """The systems of a deployed stack."""

    def system(self, name: str) -> System:
        """Return a system.

        Raises:
            CommandError: the stack does not have it.
        """
        if not isinstance(self.outputs.get(name), dict):
            have = ", ".join(self.outputs) or "none"
            raise CommandError(f"{self.place} has no system '{name}'; it has {have}")
        return System(self.place, self.outputs[name], self.environment)


def add_stack_options(parser: argparse.ArgumentParser) -> None:
    """Add the options `--stack` and `--outputs` for `find_stack` and `find_system`."""
    parser.add_argument("--stack", default="dev", help="the Pulumi stack (default: dev)")
    parser.add_argument(
        "--outputs",
        metavar="FILE",
        help="file with the output of `pulumi stack output --json`, - for standard input "
        "(default: .local/outputs.json if the stack runs locally, else the Pulumi CLI)",
    )


def find_system(name: str, stack: str, file: str | None) -> System:
    """Read the outputs of a system: `find_stack(stack, file).system(name)`."""
    return find_stack(stack, file).system(name)


def find_stack(stack: str, file: str | None, target: str = "") -> Stack:
    """Read the outputs of a stack.

    Args:
        stack: the name of the stack.
        file: a file with the output of `pulumi stack output --json`, `-` for standard input.
            Default: `.local/outputs.json` if this stack runs locally, else the Pulumi CLI.
        target: `local` or `aws`, to look only there.

    Raises:
        CommandError: the stack is not found.
    """
    environment: Mapping[str, str] = {}
    runs_here = LOCAL.is_file() and _local_settings().get("COLONNADE_STACK", stack) == stack
    if target == "local" and not (file or runs_here):
        raise CommandError(f"stack {stack} does not run locally ({LOCAL}); `make up` starts it")
    if file:
        place, text = file, sys.stdin.read() if file == "-" else _read(Path(file))
    elif runs_here and target != "aws":
        place, text = str(LOCAL), _read(LOCAL)
        environment = {} if "AWS_ENDPOINT_URL" in os.environ else _local_settings()
    else:
        place, text = f"stack {stack}", _ask_pulumi(stack)
    return Stack(place, _parse(text, place), environment)


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
    """Return the variables in `.local/env`."""
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
            f"stack {stack} does not run locally ({LOCAL}), and the Pulumi CLI is not installed; "
            "give --outputs FILE"
        ) from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or "no reason given").splitlines()[-1]
        raise CommandError(f"{' '.join(command)} failed: {reason}") from None
    return done.stdout
