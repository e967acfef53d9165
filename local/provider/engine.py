"""An engine process on the real Pulumi engine: `python -m local.provider.engine`.

It takes and tells what `python -m local.engine` does.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi import automation

from local.engine.process_main import serve
from local.engine.program import Run
from local.engine.reports import Reports
from local.errors import LocalError
from local.provider import NOT_EMULATED, addresses
from local.provider.stack import open_stack

UNREPORTED = ("pulumi:pulumi:Stack", "pulumi:providers:")
OURS = re.compile(r"using pulumi-resource-\w+ from \$PATH")
"""What the engine warns of where our own provider is on PATH."""


def execute(run: Run, reports: Reports) -> bool:
    """Brings the stack up and reports all that the engine does; True when everything was made."""
    told = Told(reports)
    try:
        stack = open_stack(run)
    except LocalError as error:
        reports("problem", message=str(error))
        return False
    try:
        stack.up(on_event=told, on_output=_print, color="never")
    except automation.CommandError as error:
        if not told.failed:
            reports("problem", message=str(error))
        told.failed = True
    outputs = stack.outputs()
    values = {key: each.value for key, each in outputs.items()}
    reports(
        "done",
        # The program put together addresses of AWS's, which the provider has not seen.
        outputs=addresses(run.endpoint).here(values),
        secrets=[key for key, each in outputs.items() if each.secret],
        resources=list(_resources(stack.export_stack().deployment or {})),
    )
    return not told.failed


class Told:
    """Turns the engine's events into reports."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self.failed = False

    def __call__(self, event: automation.EngineEvent) -> None:
        """Takes one event."""
        if event.resource_pre_event:
            new = event.resource_pre_event.metadata.new
            if new and not new.type.startswith(UNREPORTED):
                name, custom = new.urn.rsplit("::", 1)[-1], bool(new.custom)
                what = {"urn": new.urn, "type": new.type, "parent": new.parent}
                self._reports("registered", name=name, custom=custom, **what)
        elif event.res_outputs_event:
            self._reports("created", urn=event.res_outputs_event.metadata.urn)
        elif event.diagnostic_event:
            self._said(event.diagnostic_event)

    def _said(self, said: automation.DiagnosticEvent) -> None:
        message = said.message.strip()
        if message.startswith(NOT_EMULATED):
            self._reports.not_emulated(message.removeprefix(NOT_EMULATED))
        elif said.severity == "error":
            self.failed = True
            of_one = said.urn and UNREPORTED[0] not in said.urn
            details = {"urn": said.urn} if of_one else {}
            self._reports("failed" if of_one else "problem", message=message, **details)
        elif said.severity in ("info", "warning") and not OURS.match(message):
            self._reports("log", severity=said.severity, message=message)


def _resources(deployment: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for each in deployment.get("resources", []):
        if not each["type"].startswith(UNREPORTED):
            yield {
                **{"type": each["type"], "urn": each["urn"], "custom": each["custom"]},
                "name": each["urn"].rsplit("::", 1)[-1],
                "parent": each.get("parent", ""),
                "inputs": each.get("inputs", {}),
                "dependencies": each.get("dependencies", []),
                "aliases": each.get("aliases", []),
                "protect": each.get("protect", False),
                "secrets": [],
                "id": each.get("id", ""),
                "outputs": each.get("outputs", {}),
            }


def _print(_line: str) -> None:
    """The reports say it."""


if __name__ == "__main__":
    os._exit(serve(execute))
