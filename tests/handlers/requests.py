"""Proxy events of the to-do API, based on a recorded event."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

ADA = "11111111-2222-4333-8444-555555555555"
BOB = "99999999-8888-4777-8666-555555555555"

RECORDED = Path(__file__).with_name("proxy_event.json").read_text(encoding="utf-8")


def request(
    operation: str,
    *,
    user: str | None = ADA,
    path: dict[str, str] | None = None,
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    body: Any = None,
    **changes: Any,
) -> dict[str, Any]:
    """Return an event of `GET /todos/{todoId}`. A body that is not text is written as JSON."""
    event = json.loads(RECORDED)
    event["httpMethod"], event["resource"] = operation.split()
    if path:
        # A REST API passes it encoded, as in the URL.
        event["pathParameters"] = {name: quote(value, "") for name, value in path.items()}
        event["path"] = event["resource"].format(**event["pathParameters"])
    if query:
        event["queryStringParameters"] = {name: str(value) for name, value in query.items()}
        event["multiValueQueryStringParameters"] = {k: [str(v)] for k, v in query.items()}
    for name, value in (headers or {}).items():
        event["headers"][name] = value
        event["multiValueHeaders"][name] = [value]
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    if user is None:
        del event["requestContext"]["authorizer"]
    else:
        event["requestContext"]["authorizer"]["claims"]["sub"] = user
    return {**event, **changes}
