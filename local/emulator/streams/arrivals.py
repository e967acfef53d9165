"""Wakes readers when a stream has a new record."""

import threading


class Arrivals:
    """Counts new records. A reader that compares counts misses none before it waits."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def add(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Return when the count exceeds `seen`, or at the timeout."""
        with self._changed:
            self._changed.wait_for(lambda: self.count > seen, seconds)
