"""Converts a WSGI request to a proxy event, and a proxy response to a WSGI response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
from typing import Any
from urllib.parse import parse_qsl

MAX_BODY_BYTES = 6 * 1024 * 1024
"""The limit of an invocation of Lambda, so that a service can move there."""


def headers_of(environ: dict[str, Any]) -> dict[str, str]:
    """Return the headers of a request. The values of a repeated one are joined by commas."""
    found = {
        name[5:].replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").title()] = environ[name]
    return found


def proxy_event(
    environ: dict[str, Any], resource: str, parameters: dict[str, str], body: bytes, request_id: str
) -> dict[str, Any]:
    """Return the proxy event of a request."""
    headers = headers_of(environ)
    pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    query: dict[str, list[str]] = {}
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    content, is_base64 = _body(body)
    path = path_of(environ)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": environ["REQUEST_METHOD"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: each[-1] for name, each in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": environ["REQUEST_METHOD"],
            "path": path,
            "requestId": request_id,
            "identity": {"sourceIp": _caller(environ, headers)},
        },
        "body": content,
        "isBase64Encoded": is_base64,
    }


def path_of(environ: dict[str, Any]) -> str:
    """Return the path of a request, not decoded."""
    return str(environ["RAW_URI"]).partition("?")[0]


def http_response(response: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of a proxy response.

    Raises:
        KeyError, TypeError, ValueError: it is not a proxy response.
    """
    many = response.get("multiValueHeaders") or {}
    given = {name.lower() for name in many}
    headers = [(name, str(each)) for name, values in many.items() for each in values]
    headers += [
        (name, str(value))
        for name, value in (response.get("headers") or {}).items()
        if name.lower() not in given
    ]
    body = response.get("body") or ""
    if response.get("isBase64Encoded"):
        content = base64.b64decode(body, validate=True)
    else:
        content = body.encode()
    return int(response["statusCode"]), headers, content


def _body(body: bytes) -> tuple[str | None, bool]:
    try:
        return body.decode() or None, False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _caller(environ: dict[str, Any], headers: dict[str, str]) -> str:
    """Return the address of the caller; the load balancer adds it as the last one."""
    last = headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return last or str(environ.get("REMOTE_ADDR", ""))
