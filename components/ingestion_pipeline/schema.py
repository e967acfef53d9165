"""TelemetrySchema: the document that describes the records."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._blocks.yaml import read_yaml

TYPES = ("string", "int", "bigint", "double", "boolean")
ADDED = {"received_at": "bigint", "late": "boolean"}
"""Columns that the transform function adds."""
PARTITION = "day"
"""Partition column of the table, from the time of measurement: `2026-11-21`."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,127}")
_NUMBER = re.compile("[1-9][0-9]{0,5}")
_KEYS = {"id": "string", "device": "string", "time": "bigint", "version": "int"}
_DOCUMENT = {"table", "description", "keys", "versions"}
_VERSION = {"extends", "fields"}
_FIELD = {
    *("type", "description", "unit", "optional", "measure"),
    *("minimum", "maximum", "max_length", "values"),
}


class TelemetrySchema:
    """A schema document, with all fields of each version.

    Args:
        text: YAML or JSON.

    Raises:
        ValueError: the document is invalid; the message lists every problem.
    """

    def __init__(self, text: str) -> None:
        document = read_yaml(text)
        problems = list(_document(document))
        if problems:
            raise ValueError("; ".join(problems))
        self.table: str = document["table"]
        self.description: str = document.get("description", "")
        self.keys: dict[str, str] = document["keys"]
        self.versions = _expand(document["versions"])
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))

    @property
    def columns(self) -> dict[str, dict[str, Any]]:
        """Fields of all versions by name, as the latest version describes them."""
        return {name: spec for fields in self.versions.values() for name, spec in fields.items()}

    @property
    def measures(self) -> list[str]:
        """Fields whose average and percentiles are in the reports."""
        return [name for name, spec in self.columns.items() if spec.get("measure")]

    def json(self) -> str:
        """Return the document for the transform function; the same text gives the same result."""
        content = {
            "table": self.table,
            "keys": self.keys,
            "versions": {str(version): fields for version, fields in self.versions.items()},
        }
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False)

    def _problems(self) -> Iterator[str]:
        types: dict[str, str] = {}
        for version, fields in self.versions.items():
            for name, spec in fields.items():
                before = types.setdefault(name, spec["type"])
                if before != spec["type"]:
                    yield (
                        f"versions.{version}.{name}: is of type {spec['type']}, but of "
                        f"type {before} in an earlier version; a column has one type, so give "
                        "the new field another name"
                    )
            for key, name in self.keys.items():
                found = fields.get(name)
                if found is None or found["type"] != _KEYS[key] or found.get("optional"):
                    yield (
                        f"versions.{version}.{name}: must be a field of type {_KEYS[key]} that "
                        f"is not optional, since keys.{key} names it"
                    )


def _document(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        yield "is not a mapping"
        return
    yield from _unknown(document, _DOCUMENT, "")
    if not _NAME.fullmatch(str(document.get("table", ""))):
        yield "table: must be a name of lowercase letters, digits and _"
    keys = document.get("keys")
    if not isinstance(keys, dict) or set(keys) != set(_KEYS):
        yield f"keys: must name the fields for {', '.join(_KEYS)}"
    versions = document.get("versions")
    if not isinstance(versions, dict) or not versions:
        yield "versions: must have at least one version"
        return
    for version, spec in versions.items():
        yield from _version(version, spec, versions)


def _version(version: str, spec: Any, versions: Mapping[str, Any]) -> Iterator[str]:
    where = f"versions.{version}"
    if not _NUMBER.fullmatch(version):
        yield f"{where}: must be a whole number from 1"
        return
    if not isinstance(spec, dict) or not isinstance(spec.get("fields"), dict):
        yield f"{where}: must have `fields`"
        return
    yield from _unknown(spec, _VERSION, f"{where}.")
    if "extends" in spec:
        base = spec["extends"]
        if type(base) is not int or str(base) not in versions or base >= int(version):
            yield f"{where}.extends: must be an earlier version"
    for name, field in spec["fields"].items():
        yield from _field(f"{where}.{name}", str(name), field)


def _field(where: str, name: str, spec: Any) -> Iterator[str]:
    if not _NAME.fullmatch(name) or name in ADDED or name == PARTITION:
        reserved = ", ".join([*ADDED, PARTITION])
        yield f"{where}: must be a name of lowercase letters, digits and _, and not {reserved}"
    if not isinstance(spec, dict) or spec.get("type") not in TYPES:
        yield f"{where}.type: must be one of {', '.join(TYPES)}"
        return
    yield from _unknown(spec, _FIELD, f"{where}.")
    if not spec.get("description"):
        yield f"{where}.description: is missing"
    if spec.get("measure") and spec["type"] not in ("int", "bigint", "double"):
        yield f"{where}.measure: requires a number"


def _unknown(found: Mapping[Any, Any], known: set[str], where: str) -> Iterator[str]:
    for key in found:
        if key not in known:
            yield f"{where}{key}: is not an entry; known are {', '.join(sorted(known))}"


def _expand(versions: Mapping[str, Any]) -> dict[int, dict[str, dict[str, Any]]]:
    expanded: dict[int, dict[str, dict[str, Any]]] = {}
    for version, spec in sorted(
        ((int(key), spec) for key, spec in versions.items()), key=lambda each: each[0]
    ):
        base = expanded[spec["extends"]] if "extends" in spec else {}
        expanded[version] = {**base, **spec["fields"]}
    return expanded
