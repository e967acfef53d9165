"""A bundle of a service is served by its own server, from the command that AWS runs."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from service_server.routes import Routes

from components._blocks.service_code import ServiceCode

APP = """
import base64, json, time

def handler(event, context):
    if event["path"] == "/fails":
        raise ValueError("a secret")
    if event["path"] == "/bytes":
        body = base64.b64encode(base64.b64decode(event["body"])[::-1]).decode()
        return {"statusCode": 200, "isBase64Encoded": True, "body": body}
    if event["path"] == "/cookies":
        return {"statusCode": 204, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}}
    query = event["queryStringParameters"] or {}
    time.sleep(float(query.get("sleep", 0)))
    body = json.dumps({**event, "left": context.get_remaining_time_in_millis()})
    return {"statusCode": 200, "headers": {"ETag": '"1"'}, "body": body}
"""
RESOURCES = ["/products", "/products/{productId}", "/products/new", "/files/{path+}"]


class Server:
    """A server that runs from the archive of a service."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "log.txt"
        variables = {"HOST": "127.0.0.1", "PORT": str(self.port), "REQUEST_TIMEOUT": "5"}
        # Without site packages: the archive must contain everything.
        words = [sys.executable, "-S", *command[1:]]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                words, cwd=folder, env={**os.environ, **variables}, stdout=log, stderr=log
            )

    def await_ready(self) -> None:
        for _ in range(600):
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def echo(self, path: str, body: bytes | None = None, method: str = "GET", **headers: str):
        status, _headers, content = self.ask(method, path, body, **headers)
        assert status == 200, content
        return json.loads(content)


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> tuple[Path, list[str]]:
    source = tmp_path_factory.mktemp("service")
    (source / "app.py").write_text(APP)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    code = ServiceCode(str(source), "x86_64", version, RESOURCES)
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(code.build()) as zipped:
        zipped.extractall(folder)
    return folder, code.command


@pytest.fixture(scope="module")
def server(archive) -> Iterator[Server]:
    served = Server(*archive)
    served.await_ready()
    yield served
    served.process.kill()
    served.process.wait()


def test_the_handler_gets_a_proxy_event(server):
    event = server.echo("/products/a%2Fb?tag=x&tag=y&empty=", None, Accept="text/plain")
    assert event["resource"] == "/products/{productId}"
    assert event["pathParameters"] == {"productId": "a%2Fb"}
    assert event["queryStringParameters"] == {"tag": "y", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"tag": ["x", "y"], "empty": [""]}
    assert event["headers"]["Accept"] == "text/plain"
    assert (event["body"], event["isBase64Encoded"]) == (None, False)
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert 0 < event["left"] <= 5000


def test_the_caller_is_the_one_that_the_load_balancer_names(server):
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    event = server.echo("/products", **headers)
    assert event["requestContext"]["identity"]["sourceIp"] == "198.51.100.7"


def test_bodies_are_text_or_base64(server):
    headers = {"Content-Type": "application/json"}
    text = server.echo("/products", '{"name": "Möhre"}'.encode(), "POST", **headers)
    assert json.loads(text["body"]) == {"name": "Möhre"}
    assert text["headers"]["Content-Type"] == "application/json"
    status, _headers, content = server.ask("PUT", "/bytes", b"\xff\xfe\x00")
    assert (status, content) == (200, b"\x00\xfe\xff")


def test_headers_of_the_response_can_repeat(server):
    status, headers, content = server.ask("GET", "/cookies")
    assert (status, content) == (204, b"")
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_head_has_the_headers_alone(server):
    status, headers, content = server.ask("HEAD", "/products")
    assert (status, content, headers["ETag"]) == (200, b"", '"1"')


def test_a_body_over_the_limit_of_lambda_is_refused(server):
    assert server.ask("POST", "/products", b"x" * (6 * 1024 * 1024 + 1))[0] == 413


def test_a_failure_of_the_handler_is_logged_and_hidden(server):
    status, _headers, content = server.ask("GET", "/fails")
    assert (status, json.loads(content)) == (502, {"message": "Internal server error"})
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    failed = [line for line in lines if line["message"] == "the handler failed"]
    assert failed[0]["level"] == "ERROR"
    assert "a secret" in failed[0]["exc_info"]


def test_the_health_check_is_answered_without_the_handler(server):
    status, _headers, content = server.ask("GET", "/health")
    assert (status, json.loads(content)) == (200, {"message": "healthy"})


def test_requests_in_flight_are_answered_after_sigterm(archive):
    stopped = Server(*archive)
    stopped.await_ready()
    started = threading.Barrier(5)

    def slow() -> int:
        started.wait()
        return stopped.ask("GET", "/products?sleep=1")[0]

    with ThreadPoolExecutor(4) as callers:
        answers = [callers.submit(slow) for _ in range(4)]
        started.wait()
        time.sleep(0.5)
        stopped.process.send_signal(signal.SIGTERM)
        assert [each.result() for each in answers] == [200] * 4
    assert stopped.process.wait(10) == 0


def test_code_that_cannot_be_imported_is_never_healthy(archive):
    folder, command = archive
    broken = Server(folder, [*command[:-1], "missing:handler"])
    assert broken.process.wait(30) == 1
    assert "No module named 'missing'" in broken.log.read_text()


@pytest.mark.parametrize(
    "path, resource, parameters",
    [
        ("/products", "/products", {}),
        ("/products/new", "/products/new", {}),
        ("/products/7", "/products/{productId}", {"productId": "7"}),
        ("/files/a/b.txt", "/files/{path+}", {"path": "a/b.txt"}),
        ("/products/7/parts", "/products/7/parts", {}),
        ("/products/", "/products/", {}),
    ],
)
def test_a_path_has_the_resource_that_api_gateway_chooses(path, resource, parameters):
    assert Routes(RESOURCES).find(path) == (resource, parameters)
