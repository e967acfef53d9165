"""Creates proxy responses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .etags import matches
from .request import Request
from .strict_json import write

_ERRORS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    503: "ServiceUnavailable",
}


@dataclass(frozen=True)
class Response:
    """A response. Its body is a JSON object, an HTML page (text) or empty (None)."""

    status: int
    body: dict[str, Any] | str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    """Values of `Set-Cookie`."""

    def proxy(self, more_headers: dict[str, str]) -> dict[str, Any]:
        """Return the proxy response."""
        kind = "text/html; charset=utf-8" if isinstance(self.body, str) else "application/json"
        content = {} if self.body is None else {"Content-Type": kind}
        defaults = {"Cache-Control": "no-store", **content}
        cookies = {"multiValueHeaders": {"Set-Cookie": list(self.cookies)}} if self.cookies else {}
        return {
            "statusCode": self.status,
            "headers": {**defaults, **self.headers, **more_headers},
            **cookies,
            "body": write(self.body) if isinstance(self.body, dict) else self.body or "",
            "isBase64Encoded": False,
        }


def error(status: int, field: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return the response to a request that was refused or failed."""
    body = {"error": _ERRORS[status], "field": field, "message": message}
    return Response(status, body, headers or {})


def if_changed(
    request: Request, body: dict[str, Any], etag: str, cache: str = "private, no-cache"
) -> Response:
    """Return 200 with the body, or 304 if the caller has this ETag; `cache` is Cache-Control."""
    headers = {"ETag": etag, "Cache-Control": cache}
    if matches(request.header_list("If-None-Match"), etag):
        return Response(304, None, headers)
    return Response(200, body, headers)
