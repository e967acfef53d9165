"""Serves each listener of a load balancer at its own port of 127.0.0.1, without TLS.

A record of Route 53 that is an alias of a load balancer has a port too. Requests there have the
name of the record, whatever their Host header: no resolver of this machine knows it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.core.responses import StreamingResponse, request_scope
from ministack.services import alb

from ..edge.ports import listen, read_body
from ..hosts import is_loopback, parts

FIRST_PORT, TRIES = 100, 300
"""Ports are numbered from that of the emulator."""
KEEP_ALIVE_SECONDS = 60.0
log = logging.getLogger(__name__)
App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class Listeners:
    """The open ports by the ARN of the listener, or by the name."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[int, asyncio.Event]] = {}
        self._urls: dict[str, str] = {}

    def here(self, text: str) -> str:
        """Return a text with the addresses of this machine in place of those of AWS."""
        # The longest first: one with a port begins with that without.
        for address in sorted(self._urls, key=len, reverse=True):
            text = text.replace(address, self._urls[address])
        return text

    def open(self, arn: str, listener: dict[str, Any], gateway: int) -> str:
        """Serve a listener and return its address."""
        url = self._serve(arn, lambda port: _app(lambda: listener, port), gateway)
        self._urls.update(dict.fromkeys(_addresses(listener), url))
        return url

    def open_name(self, name: str, balancer: str, gateway: int) -> str:
        """Serve a name that is an alias of a load balancer and return its address.

        The listener of HTTPS, or else that of HTTP, answers, which may be created later.
        """
        if name in self._open:
            self.close(name)
        url = self._serve(
            name, lambda port: _app(lambda: _default_listener(balancer), port, name), gateway
        )
        self._urls.update(dict.fromkeys((f"http://{name}", f"https://{name}"), url))
        return url

    def _serve(self, key: str, app: Callable[[int], App], gateway: int) -> str:
        first = gateway + FIRST_PORT
        socket = listen([*range(first, first + TRIES), 0])
        port, ended = socket.getsockname()[1], asyncio.Event()
        self._open[key] = port, ended
        config = Config()
        config.bind = [f"fd://{socket.detach()}"]
        config.graceful_timeout = 0.2
        config.keep_alive_timeout = KEEP_ALIVE_SECONDS
        server = serve(app(port), config, shutdown_trigger=ended.wait)  # type: ignore[arg-type]
        # The reference keeps the task alive until the port is closed.
        ended.task = asyncio.get_running_loop().create_task(server)  # type: ignore[attr-defined]
        return f"http://127.0.0.1:{port}"

    def close(self, key: str) -> None:
        """Close the port of a listener (its ARN) or of a name, if it has one."""
        if key in self._open:
            self._open.pop(key)[1].set()

    def clear(self) -> None:
        """Close all ports."""
        for key in list(self._open):
            self.close(key)
        self._urls.clear()


def _addresses(listener: dict[str, Any]) -> list[str]:
    """Return the addresses of a listener on AWS."""
    name = alb._lbs[listener["LoadBalancerArn"]]["DNSName"]
    scheme, port = listener["Protocol"].lower(), listener["Port"]
    default = {"http": 80, "https": 443}.get(scheme) == port
    return [f"{scheme}://{name}:{port}", *([f"{scheme}://{name}"] if default else [])]


def _default_listener(balancer: str) -> dict[str, Any] | None:
    """Return the listener that a client of a name reaches by default."""
    found = {
        each["Port"]: each
        for each in alb._listeners.values()
        if each["LoadBalancerArn"] == balancer
    }
    return found.get(443) or found.get(80)


def _app(find: Callable[[], dict[str, Any] | None], port: int, name: str = "") -> App:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        listener = find()
        if listener is None:
            status, headers, content = 503, {"content-type": "text/plain"}, b"no listener yet"
        else:
            _arn, _aws, _service, region, account, _rest = listener["ListenerArn"].split(":", 5)
            with request_scope(account, region):
                status, headers, content = await _answer(listener, scope, body, port, name)
        pairs = [
            (name.lower().encode("latin-1"), str(each).encode("latin-1", "replace"))
            for name, value in headers.items()
            for each in (value if isinstance(value, list) else [value])
        ]
        if isinstance(content, StreamingResponse):
            await send({"type": "http.response.start", "status": status, "headers": pairs})
            await content.runner(send, receive)
            return
        if not any(name == b"content-length" for name, _value in pairs):
            pairs.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    return app


async def _answer(
    listener: dict[str, Any], scope: dict[str, Any], body: bytes, port: int, served: str
) -> Any:
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{separator}{text}" if name in headers else text
    balancer = alb._lbs.get(listener["LoadBalancerArn"])
    if balancer is None or not _is_known(headers.get("host", ""), port, balancer, listener):
        return 403, {"content-type": "text/plain"}, b"not a name of this load balancer"
    if served:
        headers["host"] = served
    query = scope.get("query_string", b"").decode("latin-1")
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    try:
        return await alb.dispatch_request(
            balancer,
            scope["method"],
            scope["path"],
            headers,
            body,
            parse_qs(query, keep_blank_values=True),
            listener["Port"],
            scope["client"][0] if scope.get("client") else "127.0.0.1",
            query,
            path.partition("?")[0],
        )
    except Exception:
        log.exception("a request to %s failed", listener["ListenerArn"])
        return 500, {"content-type": "text/plain"}, b"the load balancer failed; see its log"


def _is_known(host: str, port: int, balancer: dict[str, Any], listener: dict[str, Any]) -> bool:
    """Return whether a name is one of this machine, the load balancer's, or in one of its rules.

    A page of any other name whose address becomes 127.0.0.1 has the same origin as its requests.
    """
    name, _port = parts(host)
    if is_loopback(host, port) or name == balancer["DNSName"].lower():
        return True
    rules = [each for each in alb._rules.values() if each["ListenerArn"] == listener["ListenerArn"]]
    conditions = [each for rule in rules for each in rule.get("Conditions", ())]
    names = [each for each in conditions if each.get("Field") == "host-header"]
    return any(alb._match_condition(each, "GET", "/", {"host": name}, {}) for each in names)
