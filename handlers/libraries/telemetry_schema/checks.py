"""Generates the check of one version as Python code.

A loop over the fields would take four times as long, which is most of the time for a record. Most
records have every field and are valid: they pass one condition. Others are checked field by field
to find the reason.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from .rejected import Rejected

Check = Callable[[Mapping[str, Any]], int]
"""Returns the number of text values of a record, or raises `Rejected`."""

_SIZES = {"int": 2**31, "bigint": 2**63}
_DEFAULT_MAX_LENGTH = 256
_TYPES = {
    "string": "type({v}) is not str",
    "double": "type({v}) is not float and type({v}) is not int",  # type() excludes bool
    "int": "type({v}) is not int",
    "bigint": "type({v}) is not int",
    "boolean": "{v} is not True and {v} is not False",
}


def compile_check(fields: Mapping[str, Mapping[str, Any]], filled: Collection[str] = ()) -> Check:
    """Generate the function for the fields of a version in the schema document.

    Text of the fields in `filled` must not be empty.

    The source code only has numbers, and names that the component has checked (lowercase letters,
    digits, _). Allowed values of fields are variables.
    """
    fields = {
        name: {**spec, "min_length": 1} if name in filled else spec for name, spec in fields.items()
    }
    values = [frozenset(spec.get("values", ())) for spec in fields.values()]
    scope: dict[str, Any] = {"Rejected": Rejected, "MISSING": object(), "values": values}
    lines = [*_at_once(fields), *_one_by_one(fields)]
    exec("\n".join(lines), scope)  # the component rejects names that are not identifiers
    check: Check = scope["check"]
    return check


def _at_once(fields: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    wrong = [f"len(record) != {len(fields)}"]
    yield "def check(record):"
    yield " try:"
    for number, (name, spec) in enumerate(fields.items()):
        yield f"  v{number} = record[{name!r}]"
        wrong += [_type(spec, f"v{number}"), *_limits(spec, f"v{number}", number)]
    yield " except KeyError: return one_by_one(record)"
    yield f" if {' or '.join(wrong)}: return one_by_one(record)"
    yield f" return {sum(spec['type'] == 'string' for spec in fields.values())}"


def _one_by_one(fields: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "def one_by_one(record):"
    yield " known = texts = 0"
    for number, (name, spec) in enumerate(fields.items()):
        yield f" v = record.get({name!r}, MISSING)"
        yield f" if {_type(spec, 'v')}:"
        yield f"  if v is not MISSING: raise Rejected('wrong-type', {name!r})"
        if not spec.get("optional"):
            yield f"  raise Rejected('missing-field', {name!r})"
        yield " else:"
        yield "  known += 1"
        if spec["type"] == "string":
            yield "  texts += 1"
        if bad := " or ".join(_limits(spec, "v", number)):
            yield f"  if {bad}: raise Rejected('out-of-range', {name!r})"
    yield " if known != len(record): raise Rejected('unknown-field')"
    yield " return texts"


def _type(spec: Mapping[str, Any], v: str) -> str:
    """Return the condition that a value has the wrong type."""
    return _TYPES[spec["type"]].format(v=v)


def _limits(spec: Mapping[str, Any], v: str, number: int) -> Iterator[str]:
    """Yield the conditions that a value of the right type is out of range."""
    if spec["type"] == "string":
        yield f"len({v}) > {int(spec.get('max_length', _DEFAULT_MAX_LENGTH))}"
        if spec.get("min_length"):
            yield f"not {v}"
        if spec.get("values"):
            yield f"{v} not in values[{number}]"
        return
    size = _SIZES.get(spec["type"])
    lower = spec.get("minimum", size and -size)
    upper = spec.get("maximum", size and size - 1)
    if lower is not None:
        yield f"{v} < {float(lower) if size is None else int(lower)!r}"
    if upper is not None:
        yield f"{v} > {float(upper) if size is None else int(upper)!r}"
