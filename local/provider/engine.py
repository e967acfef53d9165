"""An engine process with Pulumi's engine: `python -m local.provider.engine`.

It has the same input and reports as `python -m local.engine`.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi import automation

from local.engine.graph import provider_urn
from local.engine.process_main import serve
from local.engine.program import Run
from local.engine.reports import Reports
from local.errors import LocalError
from local.provider import NOT_EMULATED, addresses
from local.provider.stack import open_stack

UNREPORTED = ("pulumi:pulumi:Stack", "pulumi:providers:")
OURS = re.compile(r"using pulumi-resource-\w+ from \$PATH")
"""The engine's warning that our provider is on PATH."""


def execute(run: Run, reports: Reports) -> bool:
    """Deploys the stack and reports the engine's events. Returns True if it succeeds."""
    reporter = EventReporter(reports)
    try:
        stack = open_stack(run)
    except LocalError as error:
        reports("problem", message=str(error))
        return False
    try:
        stack.up(on_event=reporter, on_output=_print, color="never")
    except automation.CommandError as error:
        if not reporter.failed:
            reports("problem", message=str(error))
        reporter.failed = True
    outputs = stack.outputs()
    values = {key: each.value for key, each in outputs.items()}
    reports(
        "done",
        # The program may build addresses of AWS that the provider has not seen.
        outputs=addresses(run.endpoint).here(values),
        secrets=[key for key, each in outputs.items() if each.secret],
        resources=list(_resources(stack.export_stack().deployment or {})),
    )
    return not reporter.failed


class EventReporter:
    """Turns the engine's events into reports."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self.failed = False

    def __call__(self, event: automation.EngineEvent) -> None:
        """Handles one event."""
        if event.resource_pre_event:
            new = event.resource_pre_event.metadata.new
            if new and not new.type.startswith(UNREPORTED):
                name, custom = new.urn.rsplit("::", 1)[-1], bool(new.custom)
                what = {"urn": new.urn, "type": new.type, "parent": new.parent}
                self._reports("registered", name=name, custom=custom, **what)
        elif event.res_outputs_event:
            self._reports("created", urn=event.res_outputs_event.metadata.urn)
        elif event.diagnostic_event:
            self._diagnostic(event.diagnostic_event)

    def _diagnostic(self, event: automation.DiagnosticEvent) -> None:
        message = event.message.strip()
        if message.startswith(NOT_EMULATED):
            self._reports.not_emulated(message.removeprefix(NOT_EMULATED))
        elif event.severity == "error":
            self.failed = True
            of_resource = event.urn and UNREPORTED[0] not in event.urn
            details = {"urn": event.urn} if of_resource else {}
            self._reports("failed" if of_resource else "problem", message=message, **details)
        elif event.severity in ("info", "warning") and not OURS.match(message):
            self._reports("log", severity=event.severity, message=message)


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
                "provider": provider_urn(each.get("provider", "")),
                "secrets": [],
                "id": each.get("id", ""),
                "outputs": each.get("outputs", {}),
            }


def _print(_line: str) -> None:
    """Prints nothing: the reports contain it."""


if __name__ == "__main__":
    os._exit(serve(execute))
