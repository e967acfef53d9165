"""What is answered."""

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
    503: "ServiceUnavailable",
}


@dataclass(frozen=True)
class Response:
    """An answer; a body of None is no body at all."""

    status: int
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    """Values of `Set-Cookie`."""

    def proxy(self, more_headers: dict[str, str]) -> dict[str, Any]:
        """The proxy response."""
        content = {} if self.body is None else {"Content-Type": "application/json"}
        defaults = {"Cache-Control": "no-store", **content}
        cookies = {"multiValueHeaders": {"Set-Cookie": list(self.cookies)}} if self.cookies else {}
        return {
            "statusCode": self.status,
            "headers": {**defaults, **self.headers, **more_headers},
            **cookies,
            "body": "" if self.body is None else write(self.body),
            "isBase64Encoded": False,
        }


def error(status: int, field: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """An answer to a request that was refused or could not be served."""
    body = {"error": _ERRORS[status], "field": field, "message": message}
    return Response(status, body, headers or {})


def if_changed(request: Request, body: dict[str, Any], etag: str) -> Response:
    """200 with the body, or 304 when the caller has it already."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if matches(request.header_list("If-None-Match"), etag):
        return Response(304, None, headers)
    return Response(200, body, headers)
