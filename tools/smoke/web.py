"""HTTP requests as a client sends them: no redirects, and every status is an answer."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from urllib3.filepost import encode_multipart_formdata

from .checks import Failed

_SECONDS = 35.0
"""Longer than API Gateway waits for a function."""
_NOT_READY = (502, 503, 504)


@dataclass(frozen=True)
class Answer:
    """A response."""

    request: str
    """Method and address, without the query, which may be signed."""
    status: int
    headers: Mapping[str, str]
    """By lowercase name."""
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def expect(self, *statuses: int) -> "Answer":
        """Return the response itself.

        Raises:
            Failed: it has another status.
        """
        if self.status not in statuses:
            raise Failed(f"{self.request}: {self.status} {' '.join(self.text.split())[:200]}")
        return self


def call(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """Send a request; `content_type` is the header Content-Type.

    It is sent once more if the function or the gateway is not ready, as clients do.
    """
    answer = _call(url, method, body, headers)
    return _call(url, method, body, headers) if answer.status in _NOT_READY else answer


def _call(url: str, method: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body, named, method=method)
    address = f"{method} {url.partition('?')[0]}"
    try:
        with _opener.open(request, timeout=_SECONDS) as answer:
            return _read(address, answer)
    except urllib.error.HTTPError as answer:
        with answer:
            return _read(address, answer)
    except OSError as error:
        raise Failed(f"{address}: {error}") from error


def send(url: str, body: object, method: str = "POST", **headers: str) -> Answer:
    """Send JSON."""
    return call(url, method, json.dumps(body).encode(), content_type="application/json", **headers)


def submit(form: Mapping[str, Any], name: str, content: bytes) -> Answer:
    """Send a file with a form that S3 signed: `url` and `fields`."""
    body, kind = encode_multipart_formdata({**form["fields"], "file": (name, content)})
    return call(form["url"], "POST", body, content_type=kind)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Return nothing: the redirect is the answer."""


_opener = urllib.request.build_opener(_NoRedirects)


def _read(address: str, answer: Any) -> Answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(address, answer.status, headers, answer.read())
