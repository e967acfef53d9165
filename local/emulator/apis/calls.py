"""Calls of ministack's own API Gateway operations from within the server."""

import json
from typing import Any


class Refused(Exception):
    """An API Gateway operation says no; the message is AWS's."""


def made(answer: tuple[int, dict[str, Any], bytes]) -> dict[str, Any]:
    """What an operation answered. Raises Refused for an error."""
    status, _headers, body = answer
    content: dict[str, Any] = json.loads(body or b"{}")
    if status >= 400:
        raise Refused(content.get("message", ""))
    return content
