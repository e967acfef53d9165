"""Runs ministack under hypercorn until standard input is closed or a signal arrives."""

import asyncio
import http.client
import os
import signal
import socket
import sys
import threading
import time

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from ministack import app
from ministack.core import hypercorn_compat, lambda_runtime

from . import patches
from .services.stores.stores import STORES


def serve(listener: socket.socket, server: patches.Server, unpatched: list[str]) -> None:
    """Answer AWS requests until the end, then stop all function processes and databases."""
    hypercorn_compat.install()
    patches.apply(server, unpatched)
    threading.Thread(target=_announce, args=(listener.getsockname()[1],), daemon=True).start()
    asyncio.run(_serve_until_ended(listener))
    lambda_runtime.reset()
    STORES.clear()


async def _serve_until_ended(listener: socket.socket) -> None:
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    # Read here, because a patch replaces it.
    await hypercorn_serve(app.app, config, shutdown_trigger=ended.wait)


def _announce(port: int) -> None:
    """Print `ready` after the first request is answered: the socket accepts long before that."""
    while not _answers(port):
        time.sleep(0.01)
    print(f"ready {port}", flush=True)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
