"""Requests to origins that are under way, so that one of them answers all viewers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Flights:
    """The requests under way, by cache key."""

    def __init__(self) -> None:
        self._ended: dict[object, asyncio.Event] = {}

    async def wait(self, key: object) -> None:
        """Wait for the request of another viewer for the same object, if there is one."""
        ended = self._ended.get(key)
        if ended is not None:
            await ended.wait()

    @contextmanager
    def one(self, key: object) -> Iterator[None]:
        """Let others wait while the request of the block is under way."""
        ended = self._ended.setdefault(key, asyncio.Event())
        try:
            yield
        finally:
            ended.set()
            self._ended.pop(key, None)
