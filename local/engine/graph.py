"""What a program registered, as far as the run has come."""

import threading
from dataclasses import dataclass, field
from typing import Any

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
    id: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)


class Graph:
    """Every registration by URN, and the URNs that have failed or were skipped."""

    def __init__(self, project: str, stack: str) -> None:
        self.prefix = f"urn:pulumi:{stack}::{project}::"
        self.registrations: dict[str, Registration] = {}
        self.failed: set[str] = set()
        self._lock = threading.Lock()

    def urn(self, parent: str, type_: str, name: str) -> str:
        """The URN as Pulumi's engine gives it, with the types of all parents but the stack."""
        above = parent.split("::")[2] if parent else STACK
        return f"{self.prefix}{type_ if above == STACK else f'{above}${type_}'}::{name}"

    def add(self, made: Registration) -> None:
        """Raises ValueError for a second resource of the same URN."""
        with self._lock:
            if made.urn in self.registrations:
                raise ValueError("a resource of this type and name exists already; rename one")
            self.registrations[made.urn] = made

    def blocked(self, made: Registration) -> bool:
        """Whether something that `made` needs has failed."""
        return not self.failed.isdisjoint([made.parent, *made.dependencies])
