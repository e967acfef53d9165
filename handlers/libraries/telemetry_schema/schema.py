"""A schema document: every version of a record, side by side."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .fields import Check, Field
from .rejected import Rejected

_BUNDLED = Path(__file__).resolve().parents[1] / "schema.json"


@dataclass(frozen=True)
class Keys:
    """The fields that mean something to the pipeline itself."""

    id: str
    device: str
    time: str
    version: str


class Schema:
    """All versions of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take a document that the component has checked."""
        self.table: str = document["table"]
        self.keys = Keys(**document["keys"])
        self.versions = {
            int(version): {name: Field.of(name, spec) for name, spec in fields.items()}
            for version, fields in document["versions"].items()
        }
        self._checks: dict[int, dict[str, Check]] = {
            version: {name: field.check for name, field in fields.items()}
            for version, fields in self.versions.items()
        }
        self._required = {
            version: [name for name, field in fields.items() if not field.optional]
            for version, fields in self.versions.items()
        }

    @classmethod
    def load(cls, path: Path = _BUNDLED) -> "Schema":
        """Read the document that lies at the root of the function's bundle."""
        return cls(json.loads(path.read_bytes()))

    def check(self, record: Any) -> dict[str, Any]:
        """The record, if it is as its version says.

        Raises:
            Rejected: it is not, with the first reason found: `not-an-object`, `unknown-version`,
                `missing-field`, `unknown-field`, `wrong-type` or `out-of-range`.
        """
        if type(record) is not dict:
            raise Rejected("not-an-object")
        version = record.get(self.keys.version)
        if type(version) is not int or version not in self._checks:
            raise Rejected("unknown-version", self.keys.version)
        checks = self._checks[version]
        for name, value in record.items():
            check = checks.get(name)
            if check is None:
                raise Rejected("unknown-field")
            if reason := check(value):
                raise Rejected(reason, name)
        for name in self._required[version]:
            if name not in record:
                raise Rejected("missing-field", name)
        return record
