"""What a rule is, and how it sees a resource."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Resource:
    """One resource, as Pulumi's analyzers see it."""

    stack: str
    urn: str
    type: str
    properties: Mapping[str, Any]
    """By Pulumi's names: `deletionProtectionEnabled`."""
    dependents: list["Resource"] = field(default_factory=list)
    """The resources that use an output of it; known to rules with `relations` only."""

    def __getitem__(self, path: str) -> Any:
        """The value of a property, or of one within it (`redrivePolicy.maxReceiveCount`), or None.

        A list on the way stands for its first item, JSON text for what it holds.
        """
        value: Any = self.properties
        for key in path.split("."):
            value = _opened(value)
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def items(self, path: str) -> list[Any]:
        """The items of a property that is a list; those of a single value are that value."""
        return as_list(self[path])

    def has(self, path: str) -> bool:
        """Whether the property is there, and neither empty nor false."""
        return bool(self[path])

    def settings(self, type_: str) -> list["Resource"]:
        """The resources of a type that are about this one."""
        return [each for each in self.dependents if each.type == type_]

    def statements(self, path: str = "policy") -> list[dict[str, Any]]:
        """The statements of a policy document, with lists of actions and resources."""
        document = _opened(self[path])
        found = document.get("Statement", []) if isinstance(document, Mapping) else []
        return [
            {**each, **{key: as_list(each.get(key)) for key in ("Action", "Resource")}}
            for each in as_list(found)
        ]


@dataclass(frozen=True)
class Rule:
    """One rule of the pack."""

    name: str
    description: str
    check: Callable[[Resource], Iterable[str]]
    """Says what is wrong with a resource, with the fix; nothing where the rule is kept."""
    relations: bool = False
    """Whether it looks at `dependents`, which are known at the end of a preview only."""


def as_list(value: Any) -> list[Any]:
    """`value` as a list; within the policy pack, lists are no `list` but sequences that check."""
    if value is None:
        return []
    return list(value) if _is_sequence(value) else [value]


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if _is_sequence(value):
        return value[0] if value else None
    return value


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
