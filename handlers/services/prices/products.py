"""Products of the catalogue, from a cache (cache-aside), a copy of the process, or the catalogue.

| What happens | Who answers |
|---|---|
| the product is in the cache | the cache |
| many callers ask for a product that is not there | one asks the catalogue, the others wait |
| the cache is down or hangs | a copy of the process, at most a minute old, or the catalogue |
| the catalogue is down | a copy, at most ten minutes old |

"Caching challenges and strategies" in the Amazon Builders' Library.
"""

import json
import logging
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cache import CacheUnavailable
from service_client import Answer, ServiceUnavailable

from .._shared.product_keys import product_key

logger = logging.getLogger(__name__)

FRESH_SECONDS = 60.0
"""Age up to which a product is current. A change also removes it from the cache at once."""
STALE_SECONDS = 600.0
"""Age up to which a product is used while the catalogue is down."""
MISSING_SECONDS = 10.0
"""Time for which the cache knows that there is no such product."""
LOCK_SECONDS = 2.0
"""Time that one caller has to ask the catalogue, while others wait."""
_POLL_SECONDS = 0.02
_MAX_COPIES = 1000


class Catalogue(Protocol):
    """The client of the catalogue."""

    def get(self, *path: str) -> Answer: ...


class Store(Protocol):
    """The cache."""

    def get(self, key: str) -> bytes | None: ...
    def set(self, key: str, value: bytes | str, seconds: float) -> None: ...
    def add(self, key: str, value: bytes | str, seconds: float) -> bool: ...
    def delete(self, key: str) -> None: ...


@dataclass(frozen=True)
class Found:
    """A product and who gave it."""

    product: dict[str, Any] | None
    """None: the catalogue has no such product."""
    source: str
    """`cache`, `catalogue` or `copy`."""


class Products:
    """Finds products. Threads share it.

    Args:
        catalogue: client of the catalogue.
        store: the cache.
        clock: returns seconds.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._catalogue, self._store = catalogue, store
        self._clock, self._sleep = clock, sleep
        self._copies = _Copies(clock)

    def find(self, product_id: str) -> Found:
        """Find a product.

        Raises:
            ServiceUnavailable: the catalogue is down, and there is no copy.
        """
        try:
            return self._from_cache(product_id)
        except CacheUnavailable as error:
            logger.warning("the cache is not available", extra={"error": str(error)})
        copy = self._copies.get(product_id, FRESH_SECONDS)
        if copy is not None:
            return copy
        return self._from_catalogue(product_id, lambda product, seconds: None)

    def _from_cache(self, product_id: str) -> Found:
        key = product_key(product_id)
        ends = self._clock() + LOCK_SECONDS
        while True:
            value = self._store.get(key)
            if value is not None:
                return self._cached(product_id, value)
            # Who adds the lock asks the catalogue. It expires, in case its owner has died.
            if self._clock() >= ends or self._store.add(f"lock:{key}", b"", LOCK_SECONDS):
                break
            self._sleep(random.uniform(0.5, 1) * _POLL_SECONDS)

        def keep(product: dict[str, Any] | None, seconds: float) -> None:
            self._store.set(key, json.dumps(product), seconds)

        try:
            # The owner before may have stored it since it was looked for.
            value = self._store.get(key)
            if value is not None:
                return self._cached(product_id, value)
            return self._from_catalogue(product_id, keep)
        finally:
            self._store.delete(f"lock:{key}")

    def _cached(self, product_id: str, value: bytes) -> Found:
        found = Found(json.loads(value), "cache")
        self._copies.put(product_id, found.product)
        return found

    def _from_catalogue(
        self, product_id: str, keep: Callable[[dict[str, Any] | None, float], None]
    ) -> Found:
        try:
            answer = self._catalogue.get("products", product_id)
        except ServiceUnavailable as error:
            copy = self._copies.get(product_id, STALE_SECONDS)
            if copy is None:
                raise
            logger.warning("the catalogue is not available", extra={"error": str(error)})
            return copy
        if answer.status not in (200, 404):
            raise ServiceUnavailable(f"the catalogue answered {answer.status}")
        product = answer.body if answer.status == 200 else None
        self._copies.put(product_id, product)
        try:
            keep(product, FRESH_SECONDS if product else MISSING_SECONDS)
        except CacheUnavailable as error:
            logger.warning("the cache is not available", extra={"error": str(error)})
        return Found(product, "catalogue")


class _Copies:
    """The products that this process has seen last."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, dict[str, Any] | None]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, product_id: str, product: dict[str, Any] | None) -> None:
        with self._lock:
            self._entries[product_id] = self._clock(), product
            self._entries.move_to_end(product_id)
            if len(self._entries) > _MAX_COPIES:
                self._entries.popitem(last=False)

    def get(self, product_id: str, max_age: float) -> Found | None:
        with self._lock:
            seen, product = self._entries.get(product_id, (float("-inf"), None))
        return Found(product, "copy") if self._clock() - seen <= max_age else None
