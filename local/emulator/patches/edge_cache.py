"""The edge caches answers, reports hits and misses, and supports invalidations.

Stock 1.5.33 asks the origin every time and always answers `Miss from cloudfront`. An invalidation
is stored and has no effect. If the origin fails, nothing replaces its answer.

Simultaneous requests for an object that is not in the cache are one request to the origin. If it
fails with a 5xx status or not at all answers, an expired answer is used.

AWS: "Understand the cache key", "Manage how long content stays in the cache (expiration)", "How
CloudFront processes HTTP 4xx and 5xx status codes from your origin", "Invalidate files",
"Simultaneous requests for the same object (request collapsing)". Range and
conditional requests are answered from the cache. There is one edge here; AWS has many, and a second
layer before the origin.

ministack has fixed this when tests/emulator/test_edge_cache.py passes with
`unpatched=("edge_cache",)`.
"""

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ministack.services import cloudfront

from ..edge import viewer
from ..edge.flights import Flights
from ..edge.parts import part
from ..edge.store import Fetched, Store, ttl
from . import Server

CONDITIONS = ("range", "if-range", "if-match", "if-none-match", "if-modified-since")
ERROR_SECONDS = 10
"""The error caching minimum TTL by default."""
Known = tuple[Fetched, int | None]
"""An answer, and its age in the cache; None if it comes from the origin now."""
store, flights = Store(), Flights()


def apply(server: Server) -> None:
    viewer.install()
    _cache_answers()
    _set_cache_header()
    _invalidate()


def _cache_answers() -> None:
    fetch = cloudfront._fetch_from_origin

    async def fetch_or_cache(
        origin: Any, method: str, uri: str, query: str, headers: dict[str, str], *rest: Any
    ) -> Fetched:
        request = viewer.current()
        policy = _policy(request.behavior)
        if method not in ("GET", "HEAD") or not policy or policy.get("MaxTTL") == 0:
            answer: Fetched = await fetch(origin, method, uri, query, headers, *rest)
            return answer
        distribution = request.distribution["ARN"]
        key = (distribution, origin["id"], uri, *_key_parts(policy, query, headers))
        await flights.wait((*key, method))
        known: Known | None = store.get((*key, "GET")) or store.get((*key, method))
        if known is None:
            asked = {name: value for name, value in headers.items() if name not in CONDITIONS}
            path = f"{uri}?{query}" if query else uri
            with flights.one((*key, method)):
                sent = fetch(origin, method, uri, query, asked, *rest)
                known = await _answer(sent, request.distribution, policy, (*key, method), path)
        fetched, request.notes["age"] = known
        return part(fetched, request)

    cloudfront._fetch_from_origin = fetch_or_cache


async def _answer(
    sent: Awaitable[Fetched],
    distribution: Any,
    policy: Mapping[str, Any],
    key: object,
    path: str,
) -> Known:
    """Return the origin's answer, which is cached, or an expired one if the origin fails."""
    errors, failure = _error_ttls(distribution), None
    try:
        fetched = await sent
        status = fetched[0]
    except cloudfront.OriginTimeout as error:
        failure, status = error, 504
    except cloudfront.OriginUnreachable as error:
        failure, status = error, 502
    kept = store.renew(key, errors.get(status, ERROR_SECONDS)) if status >= 500 else None
    if kept:
        return kept
    if failure:
        raise failure
    seconds = ttl(fetched, policy, errors)
    if seconds > 0:
        store.put(key, distribution["ARN"], path, fetched, seconds)
    return fetched, None


def _policy(behavior: Mapping[str, Any]) -> Mapping[str, Any] | None:
    policy_id = behavior["cache_policy_id"]
    found = cloudfront._cache_policies.get(policy_id)
    found = found or cloudfront._MANAGED_CACHE_POLICIES.get(policy_id)
    return found["Config"] if found else None


def _key_parts(
    policy: Mapping[str, Any], query: str, headers: Mapping[str, str]
) -> Iterable[object]:
    """Return the parts of the cache key besides the path."""
    wanted = policy.get("Parameters") or {}
    cookies = [
        tuple(each.strip().partition("=")[::2]) for each in headers.get("cookie", "").split(";")
    ]
    pairs = parse_qsl(query, keep_blank_values=True)
    yield tuple(_chosen(pairs, wanted, "QueryStringBehavior", "QueryStrings"))
    yield tuple(_chosen(cookies, wanted, "CookieBehavior", "Cookies"))
    names = wanted.get("Headers") or [] if wanted.get("HeaderBehavior") == "whitelist" else []
    yield tuple(headers.get(name.lower()) for name in names)


def _chosen(pairs: Any, wanted: Mapping[str, Any], behavior: str, names: str) -> Any:
    kind = cloudfront._behavior_kind(wanted.get(behavior, "none"), wanted.get(names))
    return sorted(each for each in pairs if cloudfront._combine_forward(kind, None, each[0]))


def _error_ttls(distribution: Any) -> dict[int, int]:
    config = cloudfront._dist_config_el(distribution)
    return {
        int(cloudfront._text(each, "ErrorCode")): int(cloudfront._text(each, "ErrorCachingMinTTL"))
        for each in config.iter()
        if cloudfront._local_tag_name(each) == "CustomErrorResponse"
        and cloudfront._text(each, "ErrorCachingMinTTL")
    }


def _set_cache_header() -> None:
    add = cloudfront._add_cloudfront_headers

    def add_where(headers: dict[str, Any], x_cache: str, *rest: Any, **more: Any) -> Any:
        age = viewer.current().notes.get("age") if x_cache.startswith("Miss") else None
        if age is None:
            return add(headers, x_cache, *rest, **more)
        return add({**headers, "age": str(age)}, "Hit from cloudfront", *rest, **more)

    cloudfront._add_cloudfront_headers = add_where


def _invalidate() -> None:
    invalidate, reset = cloudfront._create_invalidation, cloudfront.reset

    def invalidate_here(distribution_id: str, body: bytes) -> Any:
        answer = invalidate(distribution_id, body)
        if answer[0] == 201:
            made = cloudfront._invalidations[distribution_id][-1]
            for pattern in made["InvalidationBatch"]["Paths"]["Items"]:
                store.invalidate(cloudfront._distributions[distribution_id]["ARN"], pattern)
        return answer

    def reset_here() -> None:
        store.clear()
        reset()

    cloudfront._create_invalidation = invalidate_here
    cloudfront.reset = reset_here
