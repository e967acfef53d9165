"""Application: the WSGI application that calls the handler."""

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from .events import MAX_BODY_BYTES, http_response, path_of, proxy_event
from .routes import Routes
from .settings import Settings

logger = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Context:
    """What handlers need of Lambda's context object."""

    aws_request_id: str
    _deadline: float

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left for the request."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class Application:
    """WSGI application that calls a handler.

    It answers the health check itself, 413 to bodies over Lambda's limit, and 502 if the handler
    fails, as API Gateway does.

    Args:
        handler: the handler, for proxy events.
        settings: the settings of the server.
        routes: resource paths of the API. Default: those in the bundle.
    """

    def __init__(self, handler: Handler, settings: Settings, routes: Routes | None = None) -> None:
        self._handler, self._settings = handler, settings
        self._routes = Routes.read(Path()) if routes is None else routes

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        status, headers, content = self._answer(environ)
        if not _has(headers, "Content-Length"):
            headers.append(("Content-Length", str(len(content))))
        start(f"{status} {_phrase(status)}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    def _answer(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        path = path_of(environ)
        if path == self._settings.health_path:
            return _message(200, "healthy")
        body = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            return _message(413, "Request Too Long")
        request_id = str(uuid.uuid4())
        deadline = time.monotonic() + self._settings.request_timeout
        resource, parameters = self._routes.find(path)
        event = proxy_event(environ, resource, parameters, body, request_id)
        try:
            return http_response(self._handler(event, Context(request_id, deadline)))
        except Exception:
            logger.exception("the handler failed", extra={"requestId": request_id})
            return _message(502, "Internal server error")


def _message(status: int, text: str) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return status, headers, json.dumps({"message": text}).encode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _has(headers: list[tuple[str, str]], name: str) -> bool:
    return any(each.lower() == name.lower() for each, _value in headers)
