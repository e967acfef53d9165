"""Serves the web clients of the systems to browsers on this machine."""

import errno
import json
import threading
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from local.emulator.hosts import is_loopback
from local.errors import LocalError

PUBLIC = ("apiUrl", "userPoolClientId", "loginUrl", "siteUrl")
"""The outputs that pages receive in `config.json`."""
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""The file types that are served."""


class Sites:
    """Serves `<folder>/<system>` for each system whose output `siteUrl` is on this machine.

    Files are read for every request, so that a saved change shows when the page is reloaded. A
    system without such a folder is skipped: something else may serve its address. Objects below
    `reports/` in a system's `reportsBucket` are served at the same path, as by a distribution with
    the bucket as an origin.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: list[ThreadingHTTPServer] = []
        self.urls: dict[str, str] = {}
        """The address of each system's site."""

    def start(self, outputs: Mapping[str, Any], s3: Any = None) -> None:
        """Starts the servers in threads of this process.

        Args:
            outputs: The outputs of the stack.
            s3: An S3 client for reports. None: no reports are served.

        Raises LocalError if a port is in use or not allowed.
        """
        for system, values in sorted(outputs.items()):
            folder = self._folder / system
            url = values.get("siteUrl") if isinstance(values, dict) else None
            address = _local(url)
            if address is None or not folder.is_dir():
                continue
            self.urls[system] = address.geturl()
            if "distributionId" in values:
                continue  # the edge serves it
            config = {name: values[name] for name in PUBLIC if name in values}
            reports = partial(_object, s3, values.get("reportsBucket", ""))
            self._serve(system, address, partial(_Page, folder.resolve(), config, reports))

    def stop(self) -> None:
        """Stops all servers."""
        for each in self._servers:
            each.shutdown()
            each.server_close()
        self._servers.clear()
        self.urls.clear()

    def _serve(self, system: str, address: SplitResult, page: Any) -> None:
        port = address.port or 80
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), page)
        except OSError as error:
            used = error.errno == errno.EADDRINUSE
            problem = "is in use" if used else f"cannot be used: {error.strerror}"
            raise LocalError(
                f"port {port} {problem}; the site of {system} needs it for {address.geturl()}"
            ) from None
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        self._servers.append(server)


class _Page(BaseHTTPRequestHandler):
    """Answers with the files of one site."""

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, str],
        reports: Callable[[str], bytes | None],
        *connection: Any,
    ) -> None:
        self._folder, self._config, self._reports = folder, config, reports
        super().__init__(*connection)

    def do_GET(self) -> None:
        """Sends a file."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Sends the headers of a file."""
        self._answer(with_body=False)

    def _answer(self, with_body: bool) -> None:
        if not is_loopback(self.headers.get("Host", ""), self.connection.getsockname()[1]):
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        path = unquote(urlsplit(self.path).path).lstrip("/") or "index.html"
        content = self._content(path)
        if content is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPES[Path(path).suffix])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def _content(self, path: str) -> bytes | None:
        if path == "config.json":
            return json.dumps(self._config, indent=2).encode()
        if path.startswith("reports/") and path.endswith(".json"):
            return self._reports(path)
        try:
            file = (self._folder / path).resolve()
            if file.is_relative_to(self._folder) and file.suffix in CONTENT_TYPES:
                return file.read_bytes()
        except (OSError, ValueError):  # ValueError: a NUL in the name
            pass
        return None

    def end_headers(self) -> None:
        """Adds the headers of all answers."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing: the terminal is for the functions' output."""


def _object(s3: Any, bucket: str, key: str) -> bytes | None:
    """Returns the content of an object, or None if it does not exist."""
    if s3 is None or not bucket:
        return None
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return body


def _local(url: object) -> SplitResult | None:
    """Returns the parts of `url` if it is HTTP on this machine."""
    if not isinstance(url, str):
        return None
    parts = urlsplit(url)
    here = parts.hostname in ("localhost", "127.0.0.1")
    return parts if here and parts.scheme == "http" else None
