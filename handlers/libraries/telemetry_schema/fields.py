"""One field of a version: its type, its limits, and the check of a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any], str]
"""The reason to refuse a value; empty for a good one."""

_INTEGERS = {"int": 2**31, "bigint": 2**63}
_LONGEST = 256


@dataclass(frozen=True)
class Field:
    """A column of the table, as the schema document describes it."""

    name: str
    type: str
    """`string`, `int`, `bigint`, `double` or `boolean`."""
    optional: bool
    measure: bool
    """Whether reports show its average and percentiles."""
    check: Check

    @classmethod
    def of(cls, name: str, spec: Mapping[str, Any]) -> "Field":
        """Make a field from its entry in the document."""
        return cls(
            name,
            spec["type"],
            bool(spec.get("optional")),
            bool(spec.get("measure")),
            _check(spec),
        )


def _check(spec: Mapping[str, Any]) -> Check:
    kind = spec["type"]
    if kind == "string":
        return _text(int(spec.get("max_length", _LONGEST)), frozenset(spec.get("values", ())))
    if kind == "boolean":
        return lambda value: "" if value is True or value is False else "wrong-type"
    if kind == "double":
        return _double(spec.get("minimum", float("-inf")), spec.get("maximum", float("inf")))
    size = _INTEGERS[kind]
    return _integer(spec.get("minimum", -size), spec.get("maximum", size - 1))


def _text(longest: int, values: frozenset[str]) -> Check:
    def check(value: Any) -> str:
        if type(value) is not str:
            return "wrong-type"
        if len(value) > longest or (values and value not in values):
            return "out-of-range"
        return ""

    return check


def _double(least: float, most: float) -> Check:
    def check(value: Any) -> str:
        if type(value) is not float and type(value) is not int:  # a bool is an int, but not of it
            return "wrong-type"
        return "" if least <= value <= most else "out-of-range"

    return check


def _integer(least: int, most: int) -> Check:
    def check(value: Any) -> str:
        if type(value) is not int:
            return "wrong-type"
        return "" if least <= value <= most else "out-of-range"

    return check
