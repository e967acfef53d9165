"""A small client of a cache: short timeouts, IAM login, and one kind of error.

A cache makes a service faster and is not needed for its answers, so that a cache that hangs costs
at most half a second, and one that is down costs milliseconds:

    from cache import Cache, CacheUnavailable

    cache = Cache()  # once, at import: it reads CACHE_HOST, CACHE_PORT, CACHE_USER and CACHE_NAME

    def price(product: str) -> bytes:
        try:
            found = cache.get(f"price:{product}")
        except CacheUnavailable:
            return price_from_origin(product)
        if found is None:
            found = price_from_origin(product)
            cache.set(f"price:{product}", found, seconds=60)
        return found

`ServiceCache.grant_read_write()` gives the variables and the permission. Threads share a client.
"""

from .client import Cache, CacheRefused, CacheUnavailable

__all__ = ["Cache", "CacheRefused", "CacheUnavailable"]
