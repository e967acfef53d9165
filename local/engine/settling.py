"""Waits for everything that a program has begun."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pulumi.runtime import settings

Future = asyncio.Future[Any]


def settled(program: Callable[[], object]) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return a program for `run_in_stack` that ends once its registrations and outputs have ended.

    The SDK would wait for all outstanding outputs once per output, which takes a third of the time
    of a program of a few hundred resources. This leaves it little to wait for. An output that fails
    ends the wait; the SDK then raises its error.
    """

    async def run() -> None:
        program()
        while pending := [each for each in _outstanding() if not each.done()]:
            await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
            if any(_failed(each) for each in pending):
                return

    return run


def _outstanding() -> list[Future]:
    with settings.SETTINGS.lock:
        return [*settings.SETTINGS.outputs, *settings.SETTINGS.rpc_manager.rpcs]


def _failed(each: Future) -> bool:
    return each.done() and (each.cancelled() or each.exception() is not None)
