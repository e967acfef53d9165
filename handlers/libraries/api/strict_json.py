"""Strict JSON: repeated names, NaN and unpaired surrogates are refused."""

import json
from typing import Any, NoReturn

from .refusal import Refusal


def parse(text: str) -> dict[str, Any]:
    """Parse an object.

    Raises:
        Refusal: 400, with the member at fault where there is one.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError):  # not JSON, a number of thousands of digits, too deep
        raise Refusal(400, "body", "is not valid JSON") from None
    if not isinstance(value, dict):
        raise Refusal(400, "body", "must be a JSON object")
    _check_unicode(value, "")
    return value


def write(value: dict[str, Any]) -> str:
    """The shortest text of an object; numbers of DynamoDB are Decimal, and ours are whole."""
    return json.dumps(value, default=int, separators=(",", ":"))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise Refusal(400, repeated[:64], "occurs more than once")
    return members


def _no_number(constant: str) -> NoReturn:
    raise Refusal(400, "body", f"has {constant}, which is not valid JSON")


def _check_unicode(value: Any, path: str) -> None:
    """Half a surrogate pair can be written in JSON, but not stored or sent on."""
    match value:
        case str() if not _is_unicode(value):
            raise Refusal(400, path.lstrip("."), "has an unpaired surrogate")
        case dict():
            for name, member in value.items():
                if not _is_unicode(name):
                    raise Refusal(400, path.lstrip(".") or "body", "has a name that is not Unicode")
                _check_unicode(member, f"{path}.{name[:64]}")
        case list():
            for index, element in enumerate(value):
                _check_unicode(element, f"{path}[{index}]")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
