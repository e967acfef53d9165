"""Arguments: checked against their types before a component creates its first child.

A component's arguments are a `TypedDict`. `declare` adds what a type cannot say: defaults, limits,
and checks that span several arguments. `resolve` reads them once, at every depth, into a read-only
copy with the defaults filled in, or raises one error that lists every problem.
"""

import difflib
import re
import reprlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import (
    Any,
    NotRequired,
    Optional,
    Required,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import pulumi

T = TypeVar("T")

_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


class ArgumentsError(pulumi.InputPropertiesError, pulumi.RunError, ValueError):
    """Everything that is wrong with the arguments of one component.

    Pulumi shows the text without a traceback. `errors` has the same problems in Pulumi's own form,
    with the names that programs in other languages use.
    """

    def __init__(self, subject: str, problems: Sequence[tuple[str, str]]) -> None:
        errors = [
            pulumi.InputPropertyErrorDetails(property_path=_camel(path), reason=_quoted_camel(why))
            for path, why in problems
        ]
        super().__init__(f"{subject} has invalid arguments", errors)
        self._lines = [f"{path}: {why}" for path, why in problems]

    def __str__(self) -> str:
        return "\n  ".join([f"{self.message}:", *self._lines])


@dataclass(frozen=True)
class Between:
    """A number from `min` to `max`."""

    min: float
    max: float
    unit: str = ""

    def problem(self, value: Any) -> Optional[str]:
        if self.min <= value <= self.max:
            return None
        unit = f" {self.unit}" if self.unit else ""
        return f"is {_show(value)}; it must be from {self.min} to {self.max}{unit}"


@dataclass(frozen=True)
class OneOf:
    """One of a closed set of values."""

    values: Sequence[object]

    def problem(self, value: Any) -> Optional[str]:
        if value in self.values:
            return None
        return f"is {_show(value)}; it must be one of {', '.join(map(repr, self.values))}"


@dataclass(frozen=True)
class Matches:
    """Text that matches a regular expression as a whole; `form` describes it."""

    pattern: str
    form: str

    def problem(self, value: Any) -> Optional[str]:
        return (
            None
            if re.fullmatch(self.pattern, value)
            else f"is {_show(value)}; it must be {self.form}"
        )


Limit = Between | OneOf | Matches


class Problems:
    """Collects what is wrong with the arguments of one component."""

    def __init__(self, component: str, name: str) -> None:
        self.name = name
        self._subject = f"{component} '{name}'"
        self._found: list[tuple[str, str]] = []

    def add(self, path: str, problem: str) -> None:
        """Add a problem with the argument at `path`: `functions.memory`."""
        self._found.append((path, problem))

    def unless(self, valid: bool, path: str, problem: str) -> None:
        """Add a problem unless the argument is valid."""
        if not valid:
            self.add(path, problem)

    def together(self, args: Mapping[str, object], path: str, *keys: str) -> None:
        """Add a problem if some of `keys` are given without the others."""
        missing = [key for key in keys if key not in args]
        if missing and len(missing) < len(keys):
            given = ", ".join(f"`{key}`" for key in keys if key in args)
            for key in missing:
                self.add(_join(path, key), f"is missing; it is required with {given}")

    def read(self, kind: type[T], args: T) -> T:
        """Check arguments against their type.

        Returns:
            A read-only copy with the defaults filled in.

        Raises:
            ArgumentsError: a key is missing or unknown, or a value has another type.
        """
        reader = _Reader(self)
        made = reader.struct("", kind, args)
        if reader.mismatches:
            self.report()
        return made  # type: ignore[no-any-return]

    def report(self) -> None:
        """Raise one error that lists all problems.

        Raises:
            ArgumentsError: there is at least one problem.
        """
        if self._found:
            raise ArgumentsError(self._subject, self._found)


Check = Callable[[Problems, str, Any], None]


@dataclass(frozen=True)
class _Rules:
    defaults: Mapping[str, object] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    check: Optional[Check] = None


_RULES: dict[type, _Rules] = {}


def declare(
    kind: type,
    *,
    defaults: Optional[Mapping[str, object]] = None,
    limits: Optional[Mapping[str, Limit]] = None,
    check: Optional[Check] = None,
) -> None:
    """Add to a `TypedDict` what its annotations cannot say.

    Args:
        kind: the `TypedDict`.
        defaults: values of arguments that are not given.
        limits: what a value must be; for a list, each of its elements; for a map, each value.
        check: (problems, path, args) -> None: checks that span several arguments. It runs only on
            arguments whose types are right.
    """
    rules = _Rules(defaults or {}, limits or {}, check)
    unknown = {*rules.defaults, *rules.limits} - set(kind.__annotations__)
    assert not unknown, f"{kind.__name__} has no {unknown}"
    _RULES[kind] = rules


def resolve(
    component: str,
    name: str,
    kind: type[T],
    args: T,
    check: Optional[Callable[[Problems, T], None]] = None,
) -> T:
    """Read the arguments of a component.

    Args:
        component: name of the component's class.
        name: name of the resource.
        kind: the `TypedDict` of its arguments.
        args: what the caller gave.
        check: further checks of the component.

    Returns:
        A read-only copy with the defaults filled in.

    Raises:
        ArgumentsError: lists every problem.
    """
    problems = Problems(component, name)
    made = problems.read(kind, args)
    if check is not None:
        check(problems, made)
    problems.report()
    return made


class _Reader:
    """Walks through arguments and their annotations side by side."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self.mismatches = 0

    def struct(self, path: str, kind: type, args: Any) -> Any:
        if not isinstance(args, Mapping):
            return self._mismatch(path, args, "a map of arguments")
        hints, rules, before = _hints(kind), _RULES.get(kind, _Rules()), self.mismatches
        given = {**rules.defaults, **{key: each for key, each in args.items() if each is not None}}
        for key in sorted(set(given) - set(hints)):
            self.mismatches += 1
            self._problems.add(_join(path, key), _unknown(key, hints))
        made = {}
        for key, hint in hints.items():
            if key in given:
                made[key] = self._value(_join(path, key), hint, given[key], rules.limits.get(key))
            elif key in kind.__required_keys__:  # type: ignore[attr-defined]
                self.mismatches += 1
                self._problems.add(_join(path, key), "is missing; it is required")
        if rules.check is not None and self.mismatches == before:
            rules.check(self._problems, path, made)
        return MappingProxyType(made)

    def _value(self, path: str, hint: Any, value: Any, limit: Optional[Limit]) -> Any:
        kinds, takes_outputs = _alternatives(hint)
        if isinstance(value, pulumi.Output | Awaitable):
            if takes_outputs or Any in kinds:
                return value
            return self._mismatch(path, value, f"{_describe(kinds[0])} that is known at preview")
        return self._plain(path, kinds[0], value, limit)

    def _plain(self, path: str, kind: Any, value: Any, limit: Optional[Limit]) -> Any:
        origin = get_origin(kind) or kind
        if is_typeddict(kind):
            return self.struct(path, kind, value)
        if origin in (list, Sequence):
            if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
                return self._mismatch(path, value, "a list")
            item = get_args(kind)[0]
            return [self._value(f"{path}[{i}]", item, each, limit) for i, each in enumerate(value)]
        if origin in (dict, Mapping):
            if not isinstance(value, Mapping):
                return self._mismatch(path, value, "a map")
            item = get_args(kind)[1]
            return {key: self._value(f'{path}["{key}"]', item, value[key], limit) for key in value}
        return self._scalar(path, kind, value, limit)

    def _scalar(self, path: str, kind: Any, value: Any, limit: Optional[Limit]) -> Any:
        if kind is Any:
            return value
        if kind is int and isinstance(value, float) and value.is_integer():
            value = int(value)  # programs in other languages send whole numbers as floats
        accepted = (int, float) if kind is float else kind
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            return self._mismatch(path, value, _describe(kind))
        problem = limit.problem(value) if limit is not None else None
        if problem is not None:
            self._problems.add(path, problem)
        return value

    def _mismatch(self, path: str, value: Any, expected: str) -> Any:
        self.mismatches += 1
        is_output = isinstance(value, pulumi.Output | Awaitable)
        found = "an Output" if is_output else _show(value)
        self._problems.add(path or "args", f"is {found}; it must be {expected}")
        return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    # pulumi.Input[T] holds a forward reference to Output[T], of a module that is not the caller's.
    return get_type_hints(kind, localns={"Output": pulumi.Output, "T": Any})


def _alternatives(hint: Any) -> tuple[list[Any], bool]:
    """The plain types that an annotation allows, and whether it allows an Output of them."""
    while get_origin(hint) in (NotRequired, Required):
        hint = get_args(hint)[0]
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    deferred = [get_origin(part) in (pulumi.Output, Awaitable) for part in parts]
    kinds = [
        part
        for part, later in zip(parts, deferred, strict=True)
        if not later and part is not NoneType
    ]
    return kinds, any(deferred)


def _describe(kind: Any) -> str:
    origin = get_origin(kind) or kind
    if origin in (list, Sequence):
        return "a list"
    if origin in (dict, Mapping) or is_typeddict(kind):
        return "a map"
    return _NAMES.get(kind, getattr(kind, "__name__", "another value"))


def _unknown(key: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    advice = (
        f"did you mean `{near[0]}`?"
        if near
        else "known are " + ", ".join(f"`{each}`" for each in sorted(known))
    )
    return f"is not an argument; {advice}"


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _camel(text: str) -> str:
    """Names as programs in other languages write them; keys of maps, in double quotes, stay."""
    return re.sub(r'("[^"]*")|_([a-z0-9])', lambda m: m[1] or m[2].upper(), text)


def _quoted_camel(text: str) -> str:
    """A reason with the arguments that it names in backquotes as other languages write them."""
    return re.sub(r"`[^`]*`", lambda match: _camel(match.group()), text)


def _show(value: object) -> str:
    """The value, shortened: it may be a whole document."""
    shortener = reprlib.Repr()
    shortener.maxstring = shortener.maxother = 80
    return shortener.repr(value)
