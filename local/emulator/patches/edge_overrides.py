"""A query string to S3 can override response headers: `response-content-disposition`.

Stock 1.5.33 requests the object without the query string.

AWS: "GetObject" (overriding response header values through the request), for signed requests such
as those of an origin access control. CloudFront forwards the parameters of the cache policy.

ministack has fixed this when tests/emulator/test_edge_overrides.py passes with
`unpatched=("edge_overrides",)`.
"""

from typing import Any
from urllib.parse import parse_qsl

from ministack.services import cloudfront

from . import Server

OVERRIDES = frozenset(
    f"response-{header}"
    for header in (
        *("cache-control", "content-disposition", "content-encoding"),
        *("content-language", "content-type", "expires"),
    )
)


def apply(server: Server) -> None:
    fetch = cloudfront._fetch_from_origin

    async def fetch_with_headers(
        origin: Any, method: str, uri: str, query: str, *rest: Any
    ) -> tuple[int, str, dict[str, Any], bytes]:
        status, reason, headers, body = await fetch(origin, method, uri, query, *rest)
        if origin.get("s3_bucket") and origin.get("oac_id") and status in (200, 206):
            headers = {**headers, **_overrides(query)}
        return status, reason, headers, body

    cloudfront._fetch_from_origin = fetch_with_headers


def _overrides(query: str) -> dict[str, str]:
    given = parse_qsl(query, keep_blank_values=True)
    return {name.removeprefix("response-"): value for name, value in given if name in OVERRIDES}
