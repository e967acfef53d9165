"""The values that differ between the inputs of a resource, as short texts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_MAX_LENGTH = 60  # of a value in a table


class Difference(NamedTuple):
    """One value that changed."""

    path: str
    """Its path: `ttl.enabled`, `policy.Statement[0].Action`."""
    old: str
    """As JSON, shortened; empty if there was none."""
    new: str


def differences(old: Any, new: Any, path: str = "") -> Iterator[Difference]:
    """Yield each value that differs, as deep in maps, lists and JSON texts as possible."""
    if old == new:
        return
    one, other = _opened(old), _opened(new)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted(one.keys() | other.keys()):
            inside = f"{path}.{key}" if path else key
            yield from differences(one.get(key), other.get(key), inside)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from differences(first, second, f"{path}[{number}]")
    else:
        yield Difference(path, _short(old), _short(new))


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 3]}..."
