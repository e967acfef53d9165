"""A schema document with all versions of a record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .checks import compile_check
from .rejected import Rejected

_BUNDLED = Path(__file__).resolve().parents[1] / "schema.json"


@dataclass(frozen=True)
class Keys:
    """The names of the fields that the pipeline uses."""

    id: str
    device: str
    time: str
    version: str


class Schema:
    """The versions of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Use a document that the component has checked."""
        self.table: str = document["table"]
        self.keys = Keys(**document["keys"])
        self.fields: dict[int, list[str]] = {
            int(version): list(fields) for version, fields in document["versions"].items()
        }
        self._checks = {
            int(version): compile_check(fields, {self.keys.id, self.keys.device})
            for version, fields in document["versions"].items()
        }

    @classmethod
    def load(cls, path: Path = _BUNDLED) -> "Schema":
        """Read the document at the root of the function's bundle."""
        return cls(json.loads(path.read_bytes()))

    def check(self, record: Any) -> int:
        """Check that a record is flat, and has the fields of its version within their limits.

        Returns:
            The number of its text values.

        Raises:
            Rejected: the first reason found: `not-an-object`, `unknown-version`, `missing-field`,
                `unknown-field`, `wrong-type` or `out-of-range`.
        """
        if type(record) is not dict:
            raise Rejected("not-an-object")
        version = record.get(self.keys.version)
        if type(version) is not int or version not in self._checks:
            raise Rejected("unknown-version", self.keys.version)
        return self._checks[version](record)
