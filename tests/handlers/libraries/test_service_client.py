"""Calls of a service end in time, are retried rarely, and stop while the service is down."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from service_client import Breaker, ServiceClient, ServiceUnavailable
from service_client.breaker import Budget

Answering = Callable[[int, str], tuple[int, Any]]


class Service:
    """A service on this machine that answers as a test says, by the number of the request."""

    def __init__(self) -> None:
        self.answer: Answering = lambda number, path: (200, {"number": number, "path": path})
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service.requests.append((self.command, self.path, dict(self.headers)))
                status, body = service.answer(len(service.requests), self.path)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_an_answer_is_parsed(service):
    answer = ServiceClient("stock", service.url + "/v1/").get("a/b", "ä", query={"q": "x y"})
    assert answer.status == 200
    assert answer.body == {"number": 1, "path": "/v1/a%2Fb/%C3%A4?q=x%20y"}


def test_an_answer_that_is_no_json_has_no_body(service):
    service.answer = lambda number, path: (404, b"<html>")
    answer = ServiceClient("stock", service.url).get("a")
    assert (answer.status, answer.body) == (404, None)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_retried_once(service, status):
    service.answer = lambda number, path: (status if number == 1 else 200, {})
    assert ServiceClient("stock", service.url).get("a").status == 200
    assert len(service.requests) == 2


def test_an_error_of_the_service_is_not_retried(service):
    service.answer = lambda number, path: (500, {})
    with pytest.raises(ServiceUnavailable, match="stock gave no answer: status 500"):
        ServiceClient("stock", service.url).get("a")
    assert len(service.requests) == 1


@pytest.mark.parametrize("key, tries", [("", 1), ("k1", 2)])
def test_a_write_is_retried_only_with_a_key(service, key, tries):
    service.answer = lambda number, path: (503, {})
    with pytest.raises(ServiceUnavailable):
        ServiceClient("stock", service.url).post("a", body={"n": 1}, idempotency_key=key)
    assert [method for method, _path, _headers in service.requests] == ["POST"] * tries
    headers = service.requests[0][2]
    assert headers["Content-Type"] == "application/json"
    assert headers.get("Idempotency-Key", "") == key


def test_a_service_that_hangs_costs_the_timeout(service):
    hung = threading.Event()
    service.answer = lambda number, path: (200, {"late": hung.wait(30)})
    started = time.monotonic()
    with pytest.raises(ServiceUnavailable, match="stock gave no answer: ReadTimeoutError"):
        ServiceClient("stock", service.url, timeout=30).get("a", timeout=0.2)
    hung.set()
    # Far from the timeout of the client and from that of the service.
    assert time.monotonic() - started < 10


def test_a_service_that_is_gone_is_not_called_after_some_failures(service):
    service.server.shutdown()
    service.server.server_close()
    client, messages = ServiceClient("stock", service.url), []
    for _ in range(6):
        with pytest.raises(ServiceUnavailable) as failed:
            client.get("a")
        messages.append(str(failed.value))
    assert "NewConnectionError" in messages[0]
    assert messages[-1] == "stock is not called: its last calls failed"


def test_one_call_tries_a_service_again_after_the_pause():
    now = [0.0]
    breaker = Breaker(failures=2, pause_seconds=5, clock=lambda: now[0])
    for _ in range(2):
        assert breaker.allows()
        breaker.failed()
    assert not breaker.allows()
    now[0] = 5.0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.allows()


def test_retries_are_a_share_of_the_calls():
    budget = Budget(share=0.25, reserve=2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    for _ in range(4):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]


def test_calls_of_threads_do_not_wait_for_each_other(service):
    together = threading.Barrier(4, timeout=20)

    def answer(number: int, path: str) -> tuple[int, Any]:
        together.wait()
        return 200, {}

    service.answer = answer
    client = ServiceClient("stock", service.url, timeout=20)
    callers = [threading.Thread(target=client.get, args=("a",)) for _ in range(4)]
    for each in callers:
        each.start()
    for each in callers:
        each.join(20)
    assert not together.broken
    assert len(service.requests) == 4
