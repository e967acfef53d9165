"""ServiceClient: HTTP requests to one service."""

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError

from .breaker import Breaker, Budget

_CONNECT_SECONDS = 0.5
_RETRIED = (502, 503, 504)
"""A load balancer or gateway answers these for a target that is gone, and does not retry itself."""
_JITTER_SECONDS = 0.1


class ServiceUnavailable(Exception):
    """A service does not answer, not in time, or with an error of its own."""


@dataclass(frozen=True)
class Answer:
    """An answer of a service, with a status below 500."""

    status: int
    body: Any
    """The parsed JSON; None if there is none."""
    headers: Mapping[str, str]


class ServiceClient:
    """Sends requests to one service. Threads share a client; it keeps its connections.

    Args:
        name: name of the service, for errors.
        url: its address.
        signed: whether requests are signed with the caller's role (SigV4, service `execute-api`).
        timeout: time for the whole call with its retry, in seconds.
        connections: number of connections that are kept.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        signed: bool = False,
        timeout: float = 2.0,
        connections: int = 16,
    ) -> None:
        self.name, self._url, self._timeout = name, url.rstrip("/"), timeout
        self._session = boto3.Session() if signed else None
        self._pool = urllib3.PoolManager(maxsize=connections, retries=False)
        self._breaker, self._budget = Breaker(), Budget()

    def get(
        self, *path: str, query: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Answer:
        """Read a resource. A failure is retried once.

        Args:
            path: segments of the path, not encoded.
            query: parameters.
            timeout: time for the call in seconds, if it is shorter than the client's.

        Raises:
            ServiceUnavailable: see there.
        """
        url = self._url_of(path)
        if query:
            url += f"?{urlencode(query, quote_via=quote)}"
        return self._send(_Call("GET", url), timeout, tries=2)

    def post(
        self,
        *path: str,
        body: Any,
        idempotency_key: str = "",
        timeout: float | None = None,
    ) -> Answer:
        """Create something. A failure is retried once if there is an `idempotency_key`.

        Args:
            path: segments of the path, not encoded.
            body: is sent as JSON.
            idempotency_key: the header Idempotency-Key.
            timeout: time for the call in seconds, if it is shorter than the client's.

        Raises:
            ServiceUnavailable: see there.
        """
        headers = {"Content-Type": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        call = _Call("POST", self._url_of(path), json.dumps(body), headers)
        return self._send(call, timeout, tries=2 if idempotency_key else 1)

    def _url_of(self, path: tuple[str, ...]) -> str:
        return "/".join((self._url, *(quote(each, safe="") for each in path)))

    def _send(self, call: "_Call", timeout: float | None, tries: int) -> Answer:
        ends = time.monotonic() + min(self._timeout, timeout or self._timeout)
        self._budget.earn()
        problem = ""
        for number in range(tries):
            if number and not self._retries(ends):
                break
            if not self._breaker.allows():
                raise ServiceUnavailable(f"{self.name} is not called: its last calls failed")
            try:
                response = self._request(call, ends - time.monotonic())
            except urllib3.exceptions.HTTPError as error:
                self._breaker.failed()
                problem = type(error).__name__
                continue
            if response.status < 500:
                self._breaker.succeeded()
                return Answer(response.status, _parsed(response.data), response.headers)
            self._breaker.failed()
            problem = f"status {response.status}"
            if response.status not in _RETRIED:
                break
        raise ServiceUnavailable(f"{self.name} gave no answer: {problem}")

    def _retries(self, ends: float) -> bool:
        pause = random.uniform(0, _JITTER_SECONDS)
        if time.monotonic() + pause >= ends or not self._budget.spend():
            return False
        time.sleep(pause)
        return True

    def _request(self, call: "_Call", left: float) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": "application/json", **call.headers}
        left = max(left, 0.001)
        return self._pool.request(
            call.method,
            call.url,
            body=call.body,
            headers=_signed(call, headers, self._session) if self._session else headers,
            timeout=urllib3.Timeout(connect=min(_CONNECT_SECONDS, left), total=left),
            redirect=False,
        )


@dataclass(frozen=True)
class _Call:
    method: str
    url: str
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def _signed(call: _Call, headers: dict[str, str], session: boto3.Session) -> dict[str, str]:
    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    request = AWSRequest(call.method, call.url, headers=headers, data=call.body)
    SigV4Auth(credentials, "execute-api", session.region_name).add_auth(request)
    return dict(request.headers)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None
