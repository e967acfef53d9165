"""Validates values by JSON Schema (draft-04, as in the EventBridge registry).

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schema.html
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastjsonschema

from .errors import InvalidEvent, UnknownSchema
from .event import Event

Check = Callable[[Any], object]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")

# The messages of the package may have contents, which must not appear in logs and responses.
_MESSAGES = {
    "required": "is missing",
    "additionalProperties": "is not expected",
    "type": "must be of type {0}",
    "minLength": "must have at least {0} characters",
    "maxLength": "must have at most {0} characters",
    "minItems": "must have at least {0} elements",
    "maxItems": "must have at most {0} elements",
    "minimum": "must be at least {0}",
    "maximum": "must be at most {0}",
    "pattern": "must match {0}",
    "enum": "must be one of {0}",
}


@dataclass(frozen=True)
class Problem:
    """The reason why a value is invalid."""

    field: str
    """Path such as `items[0].sku`; empty for the value itself."""
    message: str
    """What is wrong with it, without its contents."""


class Schemas:
    """The schemas of a folder, `<Type>.v<N>.json`, each compiled on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checks: dict[tuple[str, int], Check] = {}

    def validate(self, event: Event) -> None:
        """Validate the data of an event.

        Raises:
            UnknownSchema: there is no schema of that type and version.
            InvalidEvent: the data is invalid.
        """
        problem = check(self._check(event), event.data)
        if problem:
            raise InvalidEvent(str(event), problem.field or "data", problem.message)

    def _check(self, event: Event) -> Check:
        key = event.type, event.version
        if key not in self._checks:
            path = self._folder / f"{event.type}.v{event.version}.json"
            if not _NAME.fullmatch(event.type) or not path.is_file():
                raise UnknownSchema(f"{event}: there is no schema {path.name}")
            self._checks[key] = compile_schema(path)
        return self._checks[key]


def compile_schema(path: Path) -> Check:
    """Compile a schema file. This takes milliseconds, so keep the result."""
    compiled: Check = fastjsonschema.compile(
        json.loads(path.read_text(encoding="utf-8")), use_default=False
    )
    return compiled


def check(validate: Check, value: object) -> Problem | None:
    """Return the first problem of a value, or None."""
    try:
        validate(value)
    except fastjsonschema.JsonSchemaValueException as error:
        return Problem(_field(error), _message(error))
    return None


def _field(error: fastjsonschema.JsonSchemaValueException) -> str:
    path = "".join(
        f"[{part}]" if isinstance(part, int) or part.isdigit() else f".{part}"
        for part in error.path[1:]  # the first part is the package's name for the whole value
    )
    return (path + _member(error)).lstrip(".")


def _member(error: fastjsonschema.JsonSchemaValueException) -> str:
    """Return the invalid member if the rule is one of the object that contains it."""
    if error.rule == "required":
        return next(f".{name}" for name in error.definition["required"] if name not in error.value)
    if error.rule == "additionalProperties":
        known = error.definition.get("properties", {})
        return next(f".{name[:64]}" for name in error.value if name not in known)
    return ""


def _message(error: fastjsonschema.JsonSchemaValueException) -> str:
    rule = str(error.rule)
    return _MESSAGES.get(rule, f"does not meet the rule {rule}").format(error.rule_definition)
