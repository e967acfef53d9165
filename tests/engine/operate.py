"""One operation of the Pulumi CLI on the program of the working directory.

`python operate.py <stack> <operation> <result file> [option=value ...]` prints what the CLI prints
and writes the result as JSON. The CLI runs the program in this process with Pulumi's Automation
API, so that it needs no language host. Otherwise this is the same as `pulumi up`.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto


def main() -> int:
    """Return 0 if the operation succeeds."""
    name, operation, file, *options = sys.argv[1:]
    sys.path[0] = os.getcwd()  # the program's modules, as under Pulumi's language host
    project = yaml.safe_load(Path("Pulumi.yaml").read_text())["name"]
    here = auto.LocalWorkspaceOptions(work_dir=os.getcwd())
    stack = auto.create_or_select_stack(name, project_name=project, program=_program, opts=here)
    result = Result()
    flags = {key: value == "true" for key, value in (each.split("=") for each in options)}
    try:
        getattr(stack, operation)(on_output=print, on_event=result, color="never", **flags)
        result.succeeded = True
        result.outputs = {
            key: each.value for key, each in stack.outputs().items() if not each.secret
        }
    except auto.CommandError as error:
        result.messages.append(["error", str(error)])
    Path(file).write_text(json.dumps(vars(result)))
    return 0 if result.succeeded else 1


class Result:
    """The result of one operation, from the engine's events."""

    def __init__(self) -> None:
        self.succeeded = False
        self.steps: dict[str, list[str]] = {}
        """The steps of each resource, by URN."""
        self.messages: list[list[str]] = []
        """Severity and text of each message."""
        self.outputs: dict[str, Any] = {}

    def __call__(self, event: auto.EngineEvent) -> None:
        """Record one event of the engine."""
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            self.steps.setdefault(step.urn, []).append(str(step.op.value))
        if event.diagnostic_event:
            said = event.diagnostic_event
            self.messages.append([said.severity, said.message])


def _program() -> None:
    runpy.run_path("__main__.py", run_name="__main__")


if __name__ == "__main__":
    sys.exit(main())
