"""The check of one version as functions written for its fields.

A loop over descriptions of fields takes four times as long, which is most of the time of a record.
A record that has every field and is right, as most are, passes one condition; any other is looked
at field by field, for what is wrong with it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .rejected import Rejected

Check = Callable[[Mapping[str, Any]], int]
"""Returns how many values of a record are text, or raises `Rejected`."""

_SIZES = {"int": 2**31, "bigint": 2**63}
_LONGEST = 256
_TYPES = {
    "string": "type({v}) is not str",
    "double": "type({v}) is not float and type({v}) is not int",  # bool has a type of its own
    "int": "type({v}) is not int",
    "bigint": "type({v}) is not int",
    "boolean": "{v} is not True and {v} is not False",
}


def compile_check(fields: Mapping[str, Mapping[str, Any]]) -> Check:
    """Write the function for the fields of a version, as the schema document describes them.

    The source holds names that the component has checked (lower-case letters, digits, _), and
    numbers; a field's allowed values are passed beside it.
    """
    values = [frozenset(spec.get("values", ())) for spec in fields.values()]
    scope: dict[str, Any] = {"Rejected": Rejected, "MISSING": object(), "values": values}
    lines = [*_at_once(fields), *_one_by_one(fields)]
    exec("\n".join(lines), scope)  # the component refuses names that are no identifiers
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
    """When a value is of the wrong type."""
    return _TYPES[spec["type"]].format(v=v)


def _limits(spec: Mapping[str, Any], v: str, number: int) -> Iterator[str]:
    """When a value of the right type is refused."""
    if spec["type"] == "string":
        yield f"len({v}) > {int(spec.get('max_length', _LONGEST))}"
        if spec.get("values"):
            yield f"{v} not in values[{number}]"
        return
    size = _SIZES.get(spec["type"])
    least = spec.get("minimum", size and -size)
    most = spec.get("maximum", size and size - 1)
    if least is not None:
        yield f"{v} < {float(least) if size is None else int(least)!r}"
    if most is not None:
        yield f"{v} > {float(most) if size is None else int(most)!r}"
