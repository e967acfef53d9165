"""Fits the inputs of a Pulumi resource to the input shape of an AWS operation.

Pulumi's AWS provider and AWS use different names: `kmsMasterKeyId` is `KMSMasterKeyID`,
`destinationArn` is `Destination`, a map of tags is a list of {Key, Value}. botocore knows the shape
of every operation, so most resources need only a few renames.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.engine.values import Value

PAIRS = (("Key", "Value"), ("key", "value"), ("Name", "Value"), ("TagKey", "TagValue"))


class Fit:
    """Renames and fits inputs. `ignored` collects the inputs that the operation does not take."""

    def __init__(self, rename: Mapping[str, str], handled: frozenset[str] = frozenset()) -> None:
        """`rename` maps dotted Pulumi paths to AWS members: {"attributes.name": "AttributeName"}.

        `handled` holds the paths that the caller handles.
        """
        self.rename = rename
        self.handled = handled
        self.ignored: list[str] = []
        self.arguments: dict[tuple[str, str], str] = {}
        """(structure, member) -> the path of the input that it comes from. Empty for several."""

    def __call__(self, shape: Shape, value: Value, path: str = "") -> Value:
        """Returns `value` in the form of `shape`."""
        if isinstance(shape, StructureShape):
            return self._structure(shape, value, path)
        if isinstance(shape, ListShape):
            return self._list(shape, value, path)
        if isinstance(shape, MapShape):
            return {str(key): self(shape.value, each, path) for key, each in value.items()}
        return _scalar(shape.type_name, value)

    def _structure(self, shape: StructureShape, value: Value, path: str) -> dict[str, Any]:
        if isinstance(value, list) and "Quantity" in shape.members:
            return self._counted(shape, value, path)
        if isinstance(value, list):  # Pulumi represents a few single blocks as lists of one
            value = value[0] if value else {}
        fitted = {}
        for key, each in value.items():
            at = f"{path}.{key}" if path else key
            if at in self.handled or each is None:
                continue
            member = self.rename.get(at) or _member(shape, key)
            if member is None:
                self.ignored.append(at)
            else:
                known = self.arguments.setdefault((shape.name, member), at)
                self.arguments[shape.name, member] = at if at == known else ""
                fitted[member] = self(shape.members[member], each, at)
        if "Quantity" in shape.members:
            fitted["Quantity"] = len(fitted.get("Items", ()))
        return fitted

    def _counted(self, shape: StructureShape, value: list[Any], path: str) -> dict[str, Any]:
        """Fits a list that AWS takes with its length."""
        items = self(shape.members["Items"], value, path)
        enabled = {"Enabled": bool(value)} if "Enabled" in shape.members else {}
        return {"Quantity": len(value), "Items": items, **enabled}

    def _list(self, shape: ListShape, value: Value, path: str) -> list[Any]:
        if isinstance(value, Mapping) and isinstance(shape.member, StructureShape):
            for key, content in PAIRS:
                if set(shape.member.members) == {key, content}:
                    return [{key: name, content: str(each)} for name, each in value.items()]
        items = value if isinstance(value, list) else [value]
        return [self(shape.member, each, path) for each in items]


def _member(shape: StructureShape, key: str) -> str | None:
    names = {_normal(name): name for name in shape.members}
    return next((names[form] for form in _forms(_normal(key)) if form in names), None)


def _forms(name: str) -> Iterator[str]:
    """Yields the names that AWS may use: plural, singular, without `arn`; the likeliest first."""
    yield name
    yield f"{name}s"
    yield name.removesuffix("s")
    yield re.sub("ies$", "y", name)
    yield name.removesuffix("arn")


def _normal(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _scalar(kind: str, value: Value) -> Value:
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value in (True, "true")
    if kind == "string":
        return text(value)
    return value


def text(value: Value) -> str:
    """Returns `value` as text for AWS: JSON for a document, `true` for a boolean."""
    return value if isinstance(value, str) else json.dumps(value)
