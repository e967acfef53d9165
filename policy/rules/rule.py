"""A rule, and the view that it has of a resource."""

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
    """By their names in Pulumi, such as `deletionProtectionEnabled`."""
    dependents: list["Resource"] = field(default_factory=list)
    """The resources that use an output of this one. Only rules with `relations` get them."""

    def __getitem__(self, path: str) -> Any:
        """Return the value of a property, such as `redrivePolicy.maxReceiveCount`, or None.

        A list within the path stands for its first item; JSON text within the path is parsed.
        """
        value: Any = self.properties
        for key in path.split("."):
            value = _opened(value)
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def items(self, path: str) -> list[Any]:
        """Return the items of a list property; a single value gives a list of one item."""
        return as_list(self[path])

    def has(self, path: str) -> bool:
        """Return whether the property is set, and neither empty nor false."""
        return bool(self[path])

    def settings(self, type_: str) -> list["Resource"]:
        """Return the resources of a type that configure this one, such as a bucket policy."""
        return [each for each in self.dependents if each.type == type_]

    def statements(self, path: str = "policy") -> list[dict[str, Any]]:
        """Return the statements of policy documents; actions and resources become lists.

        Args:
            path: of the documents; a list within it stands for all its items.
        """
        found: list[dict[str, Any]] = []
        for text in _every(self.properties, path.split(".")):
            document = _opened(text)
            if isinstance(document, Mapping):
                found += [
                    {**each, **{key: as_list(each.get(key)) for key in ("Action", "Resource")}}
                    for each in as_list(document.get("Statement"))
                ]
        return found


@dataclass(frozen=True)
class Rule:
    """One rule of the pack."""

    name: str
    description: str
    check: Callable[[Resource], Iterable[str]]
    """Yields what is wrong with a resource and how to fix it; nothing if it follows the rule."""
    relations: bool = False
    """Whether it needs `dependents`, which are known only at the end of a preview."""


def as_list(value: Any) -> list[Any]:
    """Return a value as a list. In the policy pack, lists are proxies and not of type `list`."""
    if value is None:
        return []
    return list(value) if _is_sequence(value) else [value]


def _every(value: Any, keys: Sequence[str]) -> list[Any]:
    if not keys:
        return as_list(value)
    found = [each.get(keys[0]) for each in as_list(value) if isinstance(each, Mapping)]
    return [one for each in found for one in _every(each, keys[1:])]


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
