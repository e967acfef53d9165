"""Starts the server: `python -m service_server <module>:<handler>`."""

import importlib
import logging
import sys
from pathlib import Path
from typing import Any

import environment
from gunicorn.app.base import BaseApplication
from pythonjsonlogger.json import JsonFormatter

from .application import Application
from .settings import Settings

_KEEP_ALIVE_SECONDS = 75
"""More than the idle timeout of the load balancer, 60 seconds by default. Otherwise it would send
requests through connections that the server is closing, and answer 502: "Troubleshoot your
Application Load Balancers"."""
_MEMORY = "/dev/shm"


class _Server(BaseApplication):  # type: ignore[misc]
    """One worker process of Gunicorn with threads."""

    def __init__(self, application: Application, settings: Settings) -> None:
        self._application, self._settings = application, settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        for name, value in {
            "bind": f"{settings.host}:{settings.port}",
            "graceful_timeout": settings.request_timeout,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "loglevel": "warning",
            "threads": settings.threads,
            "worker_class": "gthread",
            # Workers change a file as their heartbeat, and a slow disk would delay them: "How do I
            # avoid Gunicorn excessively blocking in os.fchmod?" in its FAQ.
            "worker_tmp_dir": _MEMORY if Path(_MEMORY).is_dir() else None,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        return self._application


def main(target: str) -> None:
    """Serve until SIGTERM.

    Args:
        target: module and name of the handler: `app:handler`.
    """
    _log_as_json()
    settings = environment.read(Settings)
    module, _colon, name = target.partition(":")
    # Before the server starts: code that cannot be imported must not pass a health check.
    handler: Any = getattr(importlib.import_module(module), name or "handler")
    _Server(Application(handler, settings), settings).run()


def _log_as_json() -> None:
    """Log as Lambda does with the log format JSON, to the standard output."""
    output = logging.StreamHandler(sys.stdout)
    renamed = {"levelname": "level", "name": "logger"}
    output.setFormatter(
        JsonFormatter("%(levelname)s %(message)s %(name)s", rename_fields=renamed, timestamp=True)
    )
    logging.basicConfig(level=logging.INFO, handlers=[output])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "app:handler")
