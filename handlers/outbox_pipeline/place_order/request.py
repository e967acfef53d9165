"""A proxy event as an idempotency key and a checked order.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import outbox
from api import Refusal
from api.strict_json import parse

MAX_BODY_BYTES = 256 * 1024
KEY_HEADER = "Idempotency-Key"

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class Request:
    """What a caller asks for."""

    key: str
    """The caller's idempotency key."""
    order: dict[str, Any]
    """The order, valid by `order.json`."""


def read_request(event: dict[str, Any]) -> Request:
    """Read and check a request.

    Raises:
        Refusal: with the status and the field at fault.
    """
    key = _idempotency_key(event)
    order = parse(_text(event))
    problem = outbox.check(_order_schema(), order)
    if problem:
        raise Refusal(400, problem.field or "body", problem.message)
    return Request(key, order)


@cache
def _order_schema() -> Any:
    return outbox.compile_schema(Path(__file__).with_name("order.json"))


def _idempotency_key(event: dict[str, Any]) -> str:
    """The header's value; names of headers have no case and a header may come several times."""
    values: set[str] = set()
    for name, value in (event.get("headers") or {}).items():
        if name.lower() == KEY_HEADER.lower():
            values.add(value)
    for name, many in (event.get("multiValueHeaders") or {}).items():
        if name.lower() == KEY_HEADER.lower():
            values.update(many)
    if not values:
        raise Refusal(400, KEY_HEADER, "is missing")
    if len(values) > 1:
        raise Refusal(400, KEY_HEADER, "has more than one value")
    key = str(values.pop()).strip()
    if not _KEY.fullmatch(key):
        raise Refusal(400, KEY_HEADER, "must be 1 to 255 visible ASCII characters")
    return key


def _text(event: dict[str, Any]) -> str:
    """The body as text of at most 256 KiB."""
    body = event.get("body")
    if not body:
        raise Refusal(400, "body", "is missing")
    if event.get("isBase64Encoded"):
        return _decoded(body)
    try:
        _check_size(len(body.encode()))
    except UnicodeEncodeError:
        raise Refusal(400, "body", "is not UTF-8") from None
    return str(body)


def _decoded(body: str) -> str:
    _check_size(len(body) * 3 // 4 - 2)  # before the work; padding is at most 2
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "body", "is not Base64") from None
    _check_size(len(content))
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "body", "is not UTF-8") from None


def _check_size(size: int) -> None:
    if size > MAX_BODY_BYTES:
        raise Refusal(413, "body", f"must have at most {MAX_BODY_BYTES} bytes")
