"""CORS headers of responses.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
"""

import os
from collections.abc import Mapping

from .request import Request

_EXPOSED = "ETag, Location, Retry-After, Sunset"


def allowed_origins(environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Read ALLOWED_ORIGINS: origins such as `https://app.example.com`, separated by commas.

    If it is missing or empty, no page of another origin can read the responses.
    """
    names = environ.get("ALLOWED_ORIGINS", "").split(",")
    return frozenset(name.strip() for name in names if name.strip())


def cors_headers(request: Request, origins: frozenset[str]) -> dict[str, str]:
    """Return the headers for the request's origin; only Vary if it is not allowed."""
    if not origins:
        return {}
    headers = {"Vary": "Origin, Authorization"}
    origin = request.origin
    if origin in origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = _EXPOSED
    return headers
