"""The constraints of AWS's service models: enums, lengths, patterns and ranges.

botocore checks types, required members and smallest values only, so a value that AWS refuses would
first be noticed on AWS.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

NUMBERS = ("integer", "long", "float", "double")
Arguments = Mapping[tuple[str, str], str]
"""(structure, member) of AWS -> the argument of the resource."""


class Violation(NamedTuple):
    """A value that breaks a constraint."""

    owner: str
    """The structure that has the member."""
    member: str
    path: str
    """Where the value is in the parameters of the operation."""
    rule: str

    def text(self, operation: str, arguments: Arguments) -> str:
        argument = arguments.get((self.owner, self.member))
        place = f"{self.path} of {operation}"
        return (
            f"argument {argument}: {self.rule} ({place})" if argument else f"{place}: {self.rule}"
        )


class ConstraintError(ValueError):
    """AWS would refuse the parameters of a call."""

    def __init__(
        self,
        operation: str,
        violations: list[Violation],
        arguments: Arguments = MappingProxyType({}),
    ) -> None:
        """`arguments` names the arguments of the resource that the members come from."""
        self.operation, self.violations = operation, violations
        super().__init__("; ".join(each.text(operation, arguments) for each in violations))


@contextmanager
def naming(arguments: Arguments) -> Iterator[None]:
    """Make errors name the arguments of the resource too."""
    try:
        yield
    except ConstraintError as error:
        raise ConstraintError(error.operation, error.violations, arguments) from None


def check(operation: OperationModel, parameters: Mapping[str, Any]) -> None:
    """Raise ConstraintError if AWS would refuse the parameters of a call."""
    shape = operation.input_shape
    if shape is None:
        return
    violations = list(_violations(shape, parameters, Violation(shape.name, "", "", "")))
    if violations:
        raise ConstraintError(operation.name, violations)


def _violations(shape: Shape, value: Any, at: Violation) -> Iterator[Violation]:
    """Yield what is wrong. A value of another type than the shape's is left to botocore."""
    for rule in _broken(shape, value):
        yield at._replace(rule=rule)
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, each in value.items():
            if name in shape.members:
                path = f"{at.path}.{name}" if at.path else name
                yield from _violations(
                    shape.members[name], each, Violation(shape.name, name, path, "")
                )
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for name, each in value.items():
            place = at._replace(path=f"{at.path}[{name!r}]")
            yield from _violations(shape.key, name, place)
            yield from _violations(shape.value, each, place)
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _violations(shape.member, each, at._replace(path=f"{at.path}[{number}]"))


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    rules = shape.metadata
    if shape.type_name in NUMBERS and isinstance(value, int | float):
        yield from _outside(rules, value, "the value")
    elif isinstance(value, str | bytes | list | tuple | Mapping):
        yield from _outside(rules, len(value), "the length")
    if shape.type_name != "string" or not isinstance(value, str):
        return
    shown = "the secret" if rules.get("sensitive") else _short(value)
    if "enum" in rules and value not in rules["enum"]:
        yield f"{shown} is none of {', '.join(sorted(rules['enum']))}"
    if "pattern" in rules and not matches(rules["pattern"], value):
        yield f"{shown} does not match the pattern {rules['pattern']}"


def _outside(rules: Mapping[str, Any], size: float, what: str) -> Iterator[str]:
    if "min" in rules and size < rules["min"]:
        yield f"{what} {size} is less than {rules['min']}"
    if "max" in rules and size > rules["max"]:
        yield f"{what} {size} is more than {rules['max']}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def matches(pattern: str, text: str) -> bool:
    """Return whether all of `text` matches a pattern in the syntax of Java, as AWS's models have.

    Raises re.error for a pattern that is not valid.
    """
    return bool(_compiled(_python(pattern, text)).fullmatch(text))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)  # Java's \w, \d and \s are those of ASCII


CATEGORY = re.compile(r"\\([pP])\{(\w+)\}|(?<!\\)([\[\]])|\\.", re.DOTALL)
ASCII_CLASSES: Mapping[str, Callable[[str], bool]] = {
    "ASCII": str.isascii,
    "Cntrl": lambda each: each < " " or each == "\x7f",
    "Digit": lambda each: each in "0123456789",
    "Graph": lambda each: "!" <= each <= "~",
    "Print": lambda each: " " <= each <= "~",
    "Upper": lambda each: "A" <= each <= "Z",
}


def _python(pattern: str, text: str) -> str:
    """Return the pattern in Python's syntax, for one text.

    Python has no Unicode categories. Those of the text's own characters are enough.
    """
    # Java reads two escaped surrogates as the one character that they encode.
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    # Java reads a hyphen after a class such as \w as itself.
    pattern = re.sub(r"(\\[dsw])-(?!\])", r"\1\\-", pattern.replace(r"\z", r"\Z"))
    inside = False

    def expand(found: re.Match[str]) -> str:
        nonlocal inside
        case, name, bracket = found.groups()
        if bracket:
            inside = bracket == "["
        if not case:
            return found[0]
        members = {each for each in text if _is(name, each) == (case == "p")}
        # A class must not be empty. Nothing that AWS takes has the last character of Unicode.
        characters = "".join(map(re.escape, sorted(members))) or r"\U0010FFFF"
        return characters if inside else f"[{characters}]"

    return CATEGORY.sub(expand, pattern)


def _is(name: str, character: str) -> bool:
    if name in ASCII_CLASSES:
        return ASCII_CLASSES[name](character)
    return unicodedata.category(character).startswith(name)
