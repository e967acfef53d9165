"""Parses strict JSON: repeated names, NaN and unpaired surrogates are refused."""

import json
from typing import Any, NoReturn

from .refusal import Refusal


def parse(text: str) -> dict[str, Any]:
    """Parse an object.

    Raises:
        Refusal: 400, with the name of the invalid member if there is one.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_reject_constant)
    except (ValueError, RecursionError):  # not JSON, a number of thousands of digits, too deep
        raise Refusal(400, "body", "is not valid JSON") from None
    if not isinstance(value, dict):
        raise Refusal(400, "body", "must be a JSON object")
    _check_unicode(value, "")
    return value


def write(value: dict[str, Any]) -> str:
    """Return compact JSON. Decimal numbers of DynamoDB are written as integers."""
    return json.dumps(value, default=int, separators=(",", ":"))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise Refusal(400, repeated[:64], "occurs more than once")
    return members


def _reject_constant(constant: str) -> NoReturn:
    raise Refusal(400, "body", f"has {constant}, which is not valid JSON")


def _check_unicode(value: Any, path: str) -> None:
    """Refuse unpaired surrogates, which JSON can contain but UTF-8 cannot."""
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
