"""A service for tests of tasks and instances, and callers that count what it answers."""

import http.client
import json
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

SERVER = """
import json, os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if os.environ.get("FAULT") == "exit":
    sys.exit("cannot start")

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status = 200
        if self.path == "/slow":
            time.sleep(1)
        if self.path == "/health" and os.environ.get("FAULT") == "health":
            status = 500
        if self.path == "/" and os.environ.get("FAULT") == "answers":
            status = 500
        answer = {"pid": os.getpid(), "version": os.environ.get("VERSION")}
        if self.path == "/identity":
            import boto3
            answer["arn"] = boto3.client("sts").get_caller_identity()["Arn"]
        if self.path == "/environment":
            answer["environment"] = dict(os.environ)
            answer["folder"] = os.getcwd()
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
def stop(*_):
    print("stopping", flush=True)
    threading.Thread(target=server.shutdown).start()
signal.signal(signal.SIGTERM, stop)
print("serving", os.environ.get("VERSION"), flush=True)
server.serve_forever(0.02)
server.server_close()
print("stopped", flush=True)
"""
"""It ends on SIGTERM after the requests in flight."""


def get(url: str, path: str = "/") -> tuple[int, dict]:
    """Return the status and the answer; {} for a page of the load balancer."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    try:
        return answer.status, json.loads(body)
    except ValueError:
        return answer.status, {}


class Load:
    """Callers that ask for a path until the end of the block."""

    def __init__(self, url: str, path: str = "/", callers: int = 4):
        self._url, self._path = url, path
        self._answers: list[tuple[int, str | None]] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(callers)]

    def __enter__(self) -> "Load":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        for each in self._threads:
            each.join()

    def statuses(self) -> Counter:
        """The number of answers by status; 0 is a request without an answer."""
        return Counter(status for status, _version in list(self._answers))

    def versions(self) -> Counter:
        return Counter(version for _status, version in list(self._answers))

    def _call(self) -> None:
        while not self._ended.is_set():
            try:
                status, answer = get(self._url, self._path)
            except (OSError, http.client.HTTPException):
                status, answer = 0, {}
            self._answers.append((status, answer.get("version")))
            # Leave the processor to the tasks.
            time.sleep(0.01)
