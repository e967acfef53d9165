"""A front: ends TLS, lets the right users in, and passes their bytes to a server and back."""

import asyncio
import contextlib
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache
from pathlib import Path

from ..processes import reserve_port

Check = Callable[[str, str], str | None]
"""(user, password) -> None, or why the login is refused."""
Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
log = logging.getLogger(__name__)
_ENDED = (asyncio.IncompleteReadError, OSError, ValueError)
"""What ends a connection: closed, no TLS, or not in the protocol."""


class Front(ABC):
    """Listens at `port` of this machine and connects to a Unix socket."""

    def __init__(self, socket: Path, check: Check) -> None:
        """Start listening.

        Args:
            socket: Where the server listens.
            check: Decides about a login; it runs in a thread.
        """
        self._reserved = reserve_port()
        self.port: int = self._reserved.getsockname()[1]
        self._socket, self._check = str(socket), check
        self._open: set[Writer] = set()
        asyncio.run_coroutine_threadsafe(self._start(), _loop()).result()

    def stop(self) -> None:
        """Stop listening and close all connections."""
        asyncio.run_coroutine_threadsafe(self._stop(), _loop()).result()
        self._reserved.close()

    @abstractmethod
    async def listen(self) -> asyncio.Server:
        """Listen at the port."""

    @abstractmethod
    async def login(self, reader: Reader, writer: Writer) -> tuple[Reader, Writer] | None:
        """Return the connection to the server for a client, or None if it was refused."""

    async def serve(self, reader: Reader, writer: Writer) -> None:
        """Serve a connection until one side closes it."""
        self._open.add(writer)
        upstream: Writer | None = None
        try:
            connected = await self.login(reader, writer)
            if connected:
                answers, upstream = connected
                await asyncio.gather(_pass(reader, upstream), _pass(answers, writer))
        except _ENDED:
            pass
        finally:
            self._open.discard(writer)
            for each in (writer, upstream):
                if each:
                    each.close()

    async def connect(self) -> tuple[Reader, Writer]:
        """Connect to the server. Raises OSError while it is down."""
        return await asyncio.open_unix_connection(self._socket)

    async def problem(self, user: str, password: str) -> str | None:
        """Return why a login is refused, or None."""
        refused = await asyncio.to_thread(self._check, user, password)
        if refused:
            log.warning("a login as %r is refused: %s", user, refused)
        return refused

    async def _start(self) -> None:
        self._server = await self.listen()

    async def _stop(self) -> None:
        self._server.close()
        for each in list(self._open):
            # Without waiting for a client that does not read.
            each.transport.abort()


async def _pass(reader: Reader, writer: Writer) -> None:
    """Pass bytes until the end, and then close the other side."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except _ENDED:
        pass
    finally:
        with contextlib.suppress(*_ENDED):
            writer.close()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of all fronts, in a thread of its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="fronts", daemon=True).start()
    return loop
