"""The resources that a program has registered so far."""

import threading
from dataclasses import dataclass, field
from typing import Any

from local.engine.values import Message

STACK = "pulumi:pulumi:Stack"


@dataclass
class Registration:
    """One resource or component of the program."""

    type: str
    name: str
    urn: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    dependencies: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    """The URNs that it had before, from its aliases and those of its parent."""
    protect: bool = False
    provider: str = ""
    """The URN of its provider. Empty for the default provider of the program."""
    retain_on_delete: bool = False
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    """The paths of its secret inputs: `environment.variables.TOKEN`."""
    id: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Invoke:
    """One call of a provider function, such as `aws.get_region`."""

    function: str
    provider: str
    """The URN of its explicit provider. Empty for the default provider."""


class Graph:
    """All registrations by URN, the URNs that failed or were skipped, and all invokes."""

    def __init__(self, project: str, stack: str) -> None:
        self.prefix = f"urn:pulumi:{stack}::{project}::"
        self.registrations: dict[str, Registration] = {}
        self.failed: set[str] = set()
        self.invokes: list[Invoke] = []
        self._lock = threading.Lock()

    def urn(self, parent: str, type_: str, name: str) -> str:
        """Returns the URN as in Pulumi's engine: with the types of all parents except the stack."""
        above = parent.split("::")[2] if parent else STACK
        return f"{self.prefix}{type_ if above == STACK else f'{above}${type_}'}::{name}"

    def aliases(self, request: Message) -> list[str]:
        """Returns the previous URNs of a resource, by its own aliases and its parent's."""
        before = list(request.aliasURNs)
        for alias in request.aliases:
            spec = alias.spec
            parent = "" if spec.noParent else spec.parentUrn or request.parent
            kind, name = spec.type or request.type, spec.name or request.name
            before.append(alias.urn or self.urn(parent, kind, name))
        above = self.registrations.get(request.parent)
        for old in above.aliases if above else ():
            before.append(self.urn(old, request.type, request.name))
            prefix = f"{above.name}-" if above else ""
            if request.name.startswith(
                prefix
            ):  # as in Pulumi, a child whose name starts with its parent's is renamed with it
                name = f"{old.rsplit('::', 1)[-1]}-{request.name.removeprefix(prefix)}"
                before.append(self.urn(old, request.type, name))
        return before

    def add(self, made: Registration) -> None:
        """Adds a registration. Raises ValueError if its URN exists."""
        with self._lock:
            if made.urn in self.registrations:
                raise ValueError("a resource of this type and name exists already; rename one")
            self.registrations[made.urn] = made

    def blocked(self, made: Registration) -> bool:
        """Returns whether a dependency of `made` has failed."""
        return not self.failed.isdisjoint([made.parent, *made.dependencies])


def provider_urn(reference: str) -> str:
    """Returns the URN of a provider reference, which ends in the ID of the provider."""
    return reference.rpartition("::")[0]
