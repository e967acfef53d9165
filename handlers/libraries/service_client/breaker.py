"""Breaker: stops the calls of a service that fails, and lets one through from time to time.

"Circuit breaker pattern" in AWS Prescriptive Guidance. The library pybreaker holds a lock during
the call, so that threads would wait for each other.
"""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Counts failures in a row. It is thread-safe.

    Args:
        failures: number of failures in a row after which calls stop.
        pause_seconds: time after which one call is tried again.
        clock: returns seconds.
    """

    def __init__(
        self,
        failures: int = 5,
        pause_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._pause, self._clock = failures, pause_seconds, clock
        self._failures, self._next_try = 0, 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Return whether a call may be made. Of many callers after a pause, one may."""
        with self._lock:
            if self._failures < self._limit:
                return True
            if self._clock() < self._next_try:
                return False
            self._next_try = self._clock() + self._pause
            return True

    def succeeded(self) -> None:
        """Count a call as a success."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Count a call as a failure."""
        with self._lock:
            self._failures += 1
            self._next_try = self._clock() + self._pause


class Budget:
    """Limits retries to a share of the calls, so that they do not multiply the load of a service
    that is overloaded. It is thread-safe.

    "Timeouts, retries and backoff with jitter" in the Amazon Builders' Library.

    Args:
        share: retries for each call.
        reserve: retries that are possible without calls before.
    """

    def __init__(self, share: float = 0.1, reserve: int = 10) -> None:
        self._share, self._reserve = share, reserve
        self._left = float(reserve)
        self._lock = threading.Lock()

    def earn(self) -> None:
        """Count a call."""
        with self._lock:
            self._left = min(self._reserve, self._left + self._share)

    def spend(self) -> bool:
        """Return whether a retry may be made, and count it."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True
