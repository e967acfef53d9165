"""Calls of ministack's API Gateway operations inside the server."""

import json
from typing import Any


class Refused(Exception):
    """An API Gateway operation fails. The message is that of AWS."""


def made(answer: tuple[int, dict[str, Any], bytes]) -> dict[str, Any]:
    """Returns the result of an operation. Raises Refused for an error."""
    status, _headers, body = answer
    content: dict[str, Any] = json.loads(body or b"{}")
    if status >= 400:
        raise Refused(content.get("message", ""))
    return content
