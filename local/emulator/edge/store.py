"""The edge's cache of origins' answers."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

KEPT_ERRORS = frozenset((404, 410, 414, 500, 501, 502, 503, 504))
"""Statuses that are cached for the error caching minimum TTL, whatever the origin says."""
LIMIT = 2_000
Fetched = tuple[int, str, dict[str, Any], bytes]
"""Status, reason, headers, body."""


@dataclass(frozen=True)
class Entry:
    """One answer in the cache."""

    distribution: str
    path: str
    """The path, with the query if there is one."""
    fetched: Fetched
    since: float
    until: float
    expired: float
    """When its own time ends, however long it is kept because the origin fails."""
    invalidated: bool = False


class Store:
    """The cache of all distributions. It evicts the oldest answers when it is full."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[object, Entry] = {}

    def get(self, key: object) -> tuple[Fetched, int] | None:
        """Return a fresh answer and its age in seconds."""
        entry, now = self._entries.get(key), self._clock()
        if entry is None or entry.until <= now:
            return None
        return entry.fetched, int(now - entry.since)

    def renew(self, key: object, ttl: float) -> tuple[Fetched, int] | None:
        """Keep an expired answer for `ttl` more seconds. Return it and its age, if there is one.

        `stale-if-error` of the origin limits for how long: "Use stale-while-revalidate and
        stale-if-error directives" in the CloudFront developer guide.
        """
        entry, now = self._entries.get(key), self._clock()
        if entry is None or entry.invalidated or entry.fetched[0] != 200:
            return None
        directives = _directives(str(entry.fetched[2].get("cache-control", "")))
        limit = directives.get("stale-if-error", "")
        if limit.isdigit() and now >= entry.expired + int(limit):
            return None
        self._entries[key] = replace(entry, until=now + ttl)
        return entry.fetched, int(now - entry.since)

    def put(self, key: object, distribution: str, path: str, fetched: Fetched, ttl: float) -> None:
        """Store an answer for `ttl` seconds."""
        now = self._clock()
        self._entries.pop(key, None)
        self._entries[key] = Entry(distribution, path, fetched, now, now + ttl, now + ttl)
        if len(self._entries) > LIMIT:
            del self._entries[next(iter(self._entries))]

    def invalidate(self, distribution: str, pattern: str) -> None:
        """Remove the answers of an invalidation path: `/a.html`, `/img/*`."""
        for key, entry in self._entries.items():
            same = entry.path == pattern
            below = pattern.endswith("*") and entry.path.startswith(pattern[:-1])
            if entry.distribution == distribution and (same or below):
                self._entries[key] = replace(entry, until=0, invalidated=True)

    def clear(self) -> None:
        """Remove all answers."""
        self._entries.clear()


def ttl(fetched: Fetched, policy: Mapping[str, Any], errors: Mapping[int, int]) -> float:
    """Return the seconds that an answer is cached.

    Args:
        fetched: the origin's answer.
        policy: the cache policy: `MinTTL`, `DefaultTTL`, `MaxTTL`.
        errors: the error caching minimum TTL by status. Default: 10.
    """
    status, _reason, headers, _body = fetched
    min_ttl, max_ttl = float(policy["MinTTL"]), float(policy.get("MaxTTL", 31_536_000))
    directives = _directives(str(headers.get("cache-control", "")))
    max_age = directives.get("s-maxage", directives.get("max-age"))
    seconds = float(max_age) if max_age and max_age.isdigit() else None
    if directives.keys() & {"no-store", "no-cache", "private"}:
        seconds = 0.0
    if status >= 400:
        minimum = errors.get(status, 10)
        if status not in KEPT_ERRORS and seconds is None and status not in errors:
            return 0
        return max(minimum, min(seconds or 0, max_ttl))
    if seconds is None:
        return max(min_ttl, float(policy.get("DefaultTTL", 86_400)))
    return min(max(seconds, min_ttl), max(max_ttl, min_ttl))


def _directives(header: str) -> dict[str, str]:
    parts = (each.strip().lower().partition("=") for each in header.split(",") if each.strip())
    return {name: value.strip('"') for name, _equals, value in parts}
