"""The gateway's cache: which answers it keeps, and what tells them apart."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

from .._blocks.validate import Problems
from .openapi import CALLER, ORIGIN, USERS, Document, Operation

CACHE_SIZES = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")


class CacheArgs(TypedDict):
    operations: Mapping[str, list[str]]
    """Which reads are cached, and what tells their answers apart: `path.todoId`,
    `querystring.next`, `header.Authorization` (the caller). An empty list stands for all of the
    operation's parameters, the caller where it is authorized, and the origin where pages call."""
    size_gb: NotRequired[str]
    """`0.5`, `1.6`, `6.1`, `13.5`, `28.4`, `58.2`, `118` or `237`. Default: `0.5` (billed by the
    hour)."""
    ttl_seconds: NotRequired[int]
    """How long an answer is kept, 1 to 3600. Default: 60."""


def cache_keys(
    document: Document, cache: Optional[CacheArgs], origins: Sequence[str]
) -> dict[str, list[str]]:
    """What tells the cached answers of each operation apart."""
    asked = cache["operations"] if cache else {}
    by_id = {each.id: each for each in document.operations}
    return {
        name: list(keys) or _all_keys(document, by_id[name], origins)
        for name, keys in asked.items()
        if name in by_id
    }


def _all_keys(document: Document, operation: Operation, origins: Sequence[str]) -> list[str]:
    # Headers too: an answer to If-None-Match has no body for those who did not send it.
    places = {"path": "path", "query": "querystring", "header": "header"}
    item = document.spec["paths"][operation.path]
    parameters = [*item.get("parameters", ()), *operation.spec.get("parameters", ())]
    keys = [
        f"{places[each['in']]}.{each['name']}"
        for each in map(document.resolve, parameters)
        if each["in"] in places
    ]
    caller = [CALLER] if USERS in operation.schemes else []
    return [*keys, *caller, *([ORIGIN] if origins else [])]


def check_cache(problems: Problems, cache: Optional[CacheArgs], document: Document) -> None:
    """Refuse a cache that would answer one user with another's data."""
    if cache is None:
        return
    problems.between(cache, "ttl_seconds", 1, 3600, "seconds")
    problems.one_of(cache, "size_gb", CACHE_SIZES)
    by_id = {each.id: each for each in document.operations}
    for name in cache["operations"]:
        where = f"cache.operations.{name}"
        operation = by_id.get(name)
        problems.that(operation is not None, where, "is no operation of the document")
        if operation is None:
            continue
        problems.that(operation.method == "get", where, "only GET is cached")
        keys = cache_keys(document, cache, ())[name]
        safe = USERS not in operation.schemes or CALLER in keys
        problems.that(
            safe,
            where,
            f"one user's answer would be shown to another; add '{CALLER}' to the key",
        )
