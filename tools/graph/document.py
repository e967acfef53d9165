"""A graph as JSON: the resources of a stack without secrets and without local paths."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from local.engine import archive
from local.engine.graph import Registration
from local.engine.preview import Preview
from local.engine.values import reportable
from tools.stack_outputs import CommandError

HIDDEN = "[secret]"
Value = Any
"""Any JSON value."""


@dataclass(frozen=True)
class Resource:
    """One resource or component."""

    urn: str
    type: str
    name: str
    system: str
    """Name of the outermost component that contains it."""
    custom: bool
    """Whether it is a resource of a provider and not a component."""
    protect: bool
    aliases: list[str]
    inputs: dict[str, Any]
    dependencies: list[str] = field(default_factory=list)
    """URNs of the resources whose outputs it uses."""
    retained: bool = False
    """Whether it stays in AWS when it leaves the program."""


@dataclass(frozen=True)
class Document:
    """The graph of one stack."""

    stack: str
    messages: list[str]
    """Log messages of the program."""
    resources: list[Resource]
    idle_cost: dict[str, Any] = field(default_factory=dict)
    """The output `idleCost` of the stack; see `components/idle_cost`."""
    broken: list[str] = field(default_factory=list)
    """What breaks a rule of the policy pack."""
    failures: list[str] = field(default_factory=list)
    """Why the program does not run; it has no resources then."""

    def systems(self) -> dict[str, int]:
        """Return the number of resources of each system, without components."""
        counts: dict[str, int] = {}
        for each in self.resources:
            if each.custom:
                counts[each.system] = counts.get(each.system, 0) + 1
        return counts

    def text(self) -> str:
        """Return the graph as JSON; equal graphs give the same text."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def document(made: Preview, stack: str, broken: Sequence[str] = ()) -> Document:
    """Return the document of a previewed program.

    Args:
        made: the preview.
        stack: name of the stack.
        broken: see `Document.broken`.
    """
    by_urn = {each.urn: each for each in made.resources}
    return Document(
        stack,
        made.messages,
        sorted((_resource(each, by_urn) for each in made.resources), key=lambda each: each.urn),
        made.outputs.get("idleCost", {}),
        list(broken),
    )


def load(path: Path) -> Document:
    """Read a document.

    Raises:
        CommandError: the file cannot be read, or is not a graph.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        resources = [Resource(**each) for each in content.pop("resources")]
        return Document(**content, resources=resources)
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CommandError(
            f"{path} is not a graph; write it with `python -m tools.graph write`"
        ) from None


def _resource(made: Registration, by_urn: Mapping[str, Registration]) -> Resource:
    top = made
    while top.parent in by_urn:
        top = by_urn[top.parent]
    return Resource(
        urn=made.urn,
        type=made.type,
        name=made.name,
        system=top.name,
        custom=made.custom,
        protect=made.protect,
        aliases=sorted(set(made.aliases)),
        inputs=_inputs(made),
        dependencies=sorted(set(made.dependencies)),
        retained=made.retain_on_delete,
    )


def _inputs(made: Registration) -> dict[str, Any]:
    hidden = {path.split(".")[0] for path in made.secrets}
    return {
        key: HIDDEN if key in hidden else reportable(_digested(value))
        for key, value in made.inputs.items()
    }


def _digested(value: Value) -> Value:
    """Return a value in which a digest of the content replaces every file and its local path."""
    if isinstance(value, Mapping):
        return {key: _digested(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_digested(each) for each in value]
    if isinstance(value, pulumi.Archive):
        return {"sha256": hashlib.sha256(archive.zipped(value)).hexdigest()}
    if isinstance(value, pulumi.Asset):
        return {"sha256": hashlib.sha256(archive.content(value)).hexdigest()}
    return value
