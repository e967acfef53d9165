"""Wakes readers when any stream has a new record."""

import threading


class Arrivals:
    """Counts new records; who remembers the count misses none between looking and waiting."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def add(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Return as soon as there have been more than `seen`, or when time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self.count > seen, seconds)
