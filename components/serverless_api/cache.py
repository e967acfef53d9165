"""The cache of an API's stage: which responses it stores, and by which keys."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

from .._blocks.arguments import Between, Matches, OneOf, Problems, declare
from .openapi import CALLER, IAM, ORIGIN, USERS, Document, Operation

CACHE_SIZES = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")
_PLACES = {"path": "path", "query": "querystring", "header": "header"}


class CacheArgs(TypedDict):
    """The cache of the API's stage; billed by the hour."""

    cache_keys: Mapping[str, Sequence[str]]
    """Cache keys by GET operation: `{"getTodo": ["path.todoId", "header.Authorization"]}`. A key is
    `path.`, `querystring.` or `header.` and a name. An empty list stands for all parameters of the
    operation, for the caller if it requires users, and for the origin if there are
    `allowed_origins`."""
    size_gb: NotRequired[str]
    """Size of the cache in GB: `0.5`, `1.6`, `6.1`, `13.5`, `28.4`, `58.2`, `118` or `237`.
    Default: `0.5`."""
    ttl_seconds: NotRequired[int]
    """Time that a response is stored, 1 to 3600 seconds. Default: 60."""


declare(
    CacheArgs,
    defaults={"size_gb": "0.5", "ttl_seconds": 60},
    limits={
        "cache_keys": Matches(
            r"(path|querystring|header)\.[^\s.]+",
            "a key such as 'path.todoId', 'querystring.next' or 'header.Authorization'",
        ),
        "size_gb": OneOf(CACHE_SIZES),
        "ttl_seconds": Between(1, 3600, "seconds"),
    },
)


def cache_keys(
    document: Document, cache: Optional[CacheArgs], *, cross_origin: bool
) -> dict[str, Sequence[str]]:
    """Return the cache keys of each cached operation.

    Args:
        document: the API's document.
        cache: see `CacheArgs`.
        cross_origin: whether responses differ by origin.
    """
    by_id = {each.id: each for each in document.operations}
    return {
        name: keys or _all_keys(by_id[name], cross_origin)
        for name, keys in (cache["cache_keys"] if cache else {}).items()
        if name in by_id
    }


def _all_keys(operation: Operation, cross_origin: bool) -> list[str]:
    # Headers too: the response to If-None-Match has no body for clients that did not send it.
    keys = [
        f"{_PLACES[each['in']]}.{each['name']}"
        for each in operation.parameters
        if each["in"] in _PLACES
    ]
    caller = [CALLER] if USERS in operation.schemes else []
    return [*keys, *caller, *([ORIGIN] if cross_origin else [])]


def check_cache(problems: Problems, cache: CacheArgs, document: Document) -> None:
    """Refuse a cache that would return one user's response to another user."""
    by_id = {each.id: each for each in document.operations}
    for name, keys in cache_keys(document, cache, cross_origin=False).items():
        path, operation = f'cache.cache_keys["{name}"]', by_id[name]
        problems.unless(operation.method == "get", path, "is not a GET operation")
        # Signatures differ for each request, so they cannot separate callers.
        problems.unless(
            IAM not in operation.schemes,
            path,
            f"requires the scheme '{IAM}'; its response would be returned to other callers",
        )
        private = USERS not in operation.schemes or CALLER in keys
        problems.unless(
            private, path, f"would return one user's response to another user; add '{CALLER}'"
        )
    for name in sorted(set(cache["cache_keys"]) - set(by_id)):
        problems.add(f'cache.cache_keys["{name}"]', "is not an operation of the document")
