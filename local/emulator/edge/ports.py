"""Serves each distribution at its own port: `http://localhost:PORT` for `https://<its name>`.

Browsers and curl resolve a name such as `d111.cloudfront.localhost`, but most other programs do
not. Names that are not loopback names are refused. Requests count as sent over HTTPS: the port is
in the place where CloudFront terminates TLS.
"""

import asyncio
import errno
import logging
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.services import cloudfront

from ..hosts import is_loopback

TRIES = 200
ADDRESS = re.compile(r"\bhttp://localhost:(\d{1,5})\b")
log = logging.getLogger(__name__)
Message = dict[str, Any]


class Ports:
    """The open ports by distribution ID."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[int, asyncio.Event]] = {}

    def open(self, distribution: dict[str, Any], above: int) -> None:
        """Serve a distribution at the port in its comment, or else the first free one `above`."""
        listener = listen([*_wanted(distribution), *range(above + 1, above + TRIES), 0])
        port, ended = listener.getsockname()[1], asyncio.Event()
        self._open[distribution["Id"]] = port, ended
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.graceful_timeout = 0.2
        server = serve(_app(distribution, port), config, shutdown_trigger=ended.wait)
        # The reference keeps the task alive until the port is closed.
        task = asyncio.get_running_loop().create_task(server)
        ended.task = task  # type: ignore[attr-defined]

    def url(self, distribution_id: str) -> str:
        """Return the address of a distribution."""
        return f"http://localhost:{self._open[distribution_id][0]}"

    def close(self) -> None:
        """Close all ports."""
        for _port, ended in self._open.values():
            ended.set()
        self._open.clear()


def _wanted(distribution: dict[str, Any]) -> list[int]:
    comment = cloudfront._text(cloudfront._dist_config_el(distribution), "Comment")
    return [int(port) for port in ADDRESS.findall(comment)]


def listen(ports: list[int]) -> socket.socket:
    """Listen at the first of the ports on 127.0.0.1 that is free. Port 0 takes any."""
    for port in (each for each in ports if each < 65_536):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        else:
            return listener
    raise OSError("no free port")


def _app(distribution: dict[str, Any], port: int) -> Callable[..., Awaitable[None]]:
    async def app(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if hosts and all(is_loopback(host, port) for host in hosts):
            status, headers, body = await _answer(distribution, scope, await read_body(receive))
        else:
            status, headers, body = 403, {"content-type": "text/plain"}, b"not a loopback name"
        pairs = [
            (name.lower().encode(), str(each).encode("latin-1", "replace"))
            for name, value in headers.items()
            if name.lower() != "content-length" or scope["method"] == "HEAD"
            for each in (value if isinstance(value, list) else [value])
        ]
        if scope["method"] != "HEAD" and status not in (204, 304):
            pairs.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        content = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": content})

    return app


async def _answer(distribution: dict[str, Any], scope: Message, body: bytes) -> Any:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        separator = "; " if key == "cookie" else ", "
        headers[key] = f"{headers[key]}{separator}{text}" if key in headers else text
    query = scope.get("query_string", b"").decode("latin-1")
    try:
        return await cloudfront.handle_viewer_request(
            distribution,
            scope["method"],
            scope["path"],
            (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0],
            query,
            {**headers, "x-forwarded-proto": "https"},
            body,
            parse_qs(query, keep_blank_values=True),
            scope["client"][0] if scope.get("client") else "127.0.0.1",
        )
    except Exception:
        log.exception("a request to distribution %s failed", distribution["Id"])
        return 500, {"content-type": "text/plain"}, b"the emulated edge failed; see its log"


async def read_body(receive: Any) -> bytes:
    """Return the whole body of a request."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
