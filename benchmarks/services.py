"""Services that call each other: requests through load balancer, container, function and instance.

The reference is the health check of the catalogue, through the load balancer and the server of the
container but without code of the service.
"""

import itertools
import json
import os
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import urllib3
from service_client import ServiceClient

from benchmarks.report import Result
from benchmarks.rounds import in_threads, interleave, latency_row, timed
from local.cloud import Cloud

REQUESTS, THREADS = 400, 4
LOST_SECONDS = 6.0
"""Time of the load around the kill of a task."""
COLUMNS = (
    f"{REQUESTS} from {THREADS} threads",
    "Per s",
    "Time relative to the health check",
    "p50 ms",
    "p99 ms",
)


def measure(rounds: int) -> Result:
    """Send requests of each kind, and then kill a task under load."""
    with Cloud(systems=["services"]) as cloud:
        services = Services(cloud)
        cases = {name: Case(send) for name, send in services.requests.items()}
        for each in cases.values():
            each.run()
            each.latencies.clear()
        times = interleave({name: each.run for name, each in cases.items()}, rounds, warm_up=False)
        statuses, seconds = services.kill_a_task()
    result = Result("Services", COLUMNS)
    bare = times["health check"]
    result.rows += [
        latency_row(name, REQUESTS, times[name], bare, case.latencies)
        for name, case in cases.items()
    ]
    total = sum(statuses.values())
    result.notes += [
        "A booking takes an instance, PostgreSQL, a signed request, a function and Valkey, which "
        "has most of the 100 products.",
        f"kill -9 of one of two tasks under load: {total - statuses[200]} of {total} requests "
        f"failed ({dict(statuses)}); replaced after {seconds:.1f} s.",
    ]
    return result


class Case:
    """One kind of request."""

    def __init__(self, send: Callable[[], None]) -> None:
        """Prepare the case; `send` raises if it fails."""
        self._send = send
        self.latencies: list[float] = []

    def run(self) -> float:
        """Return the seconds of all requests."""

        def one(_number: int) -> None:
            self.latencies.append(timed(self._send))

        return timed(lambda: in_threads(one, REQUESTS, THREADS))


class Services:
    """The system with its products."""

    def __init__(self, cloud: Cloud) -> None:
        """Create a hundred products."""
        self._outputs = cloud.outputs["services"]
        self._pool = urllib3.PoolManager(maxsize=THREADS, retries=False)
        self._numbers = itertools.count()
        for number in range(100):
            self._send("PUT", f"/products/p-{number}", {"name": "Tea", "priceCents": 450})
        self._ledger = ServiceClient("ledger", self._outputs["ledgerUrl"], timeout=30)

    @property
    def requests(self) -> dict[str, Callable[[], None]]:
        """Each kind of request by its name."""
        return {
            "health check": lambda: self._get("/health"),
            "a product: container and DynamoDB": lambda: self._get(f"/products/{self._product()}"),
            "**a booking: all three homes**": self._book,
        }

    def kill_a_task(self) -> tuple[Counter[int], float]:
        """Kill a task; return the statuses of a load, and the seconds until it is replaced."""
        statuses: Counter[int] = Counter()
        ends = time.monotonic() + LOST_SECONDS

        def load(_number: int) -> None:
            while time.monotonic() < ends:
                url = f"{self._outputs['catalogueUrl']}/products/p-1"
                statuses[self._pool.request("GET", url).status] += 1

        with ThreadPoolExecutor(THREADS + 1) as threads:
            work = [threads.submit(load, number) for number in range(THREADS)]
            time.sleep(1)
            before = _servers()
            os.kill(max(before), signal.SIGKILL)
            killed = time.monotonic()
            while len(_servers() - {max(before)}) < len(before) and time.monotonic() < ends:
                time.sleep(0.05)
            seconds = time.monotonic() - killed
            for each in work:
                each.result()
        return statuses, seconds

    def _product(self) -> str:
        return f"p-{next(self._numbers) % 100}"

    def _book(self) -> None:
        body = {"productId": self._product(), "quantity": 1}
        answer = self._ledger.post("bookings", body=body, idempotency_key=str(uuid.uuid4()))
        if answer.status != 201:
            raise RuntimeError(f"not booked: {answer}")

    def _get(self, path: str) -> None:
        self._send("GET", path)

    def _send(self, method: str, path: str, body: Any = None) -> None:
        url = self._outputs["catalogueUrl"] + path
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} if content else {}
        answer = self._pool.request(method, url, body=content, headers=headers)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status}")


def _servers() -> set[int]:
    """Return the process IDs of the catalogue's servers."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"services.catalogue.app:handler" in command:
            found.add((int(folder.name), parent))
    ids = {pid for pid, _parent in found}
    return {pid for pid, parent in found if parent not in ids}
