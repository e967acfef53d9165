"""End to end: orders through the deployed functions until their shipments exist.

The reference is the same number of invocations of an empty function on the same emulator.
"""

import io
import json
import time
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from benchmarks.report import Result
from benchmarks.rounds import Times, in_threads, interleave, latency_row, timed
from benchmarks.sample_orders import request
from local.cloud import Cloud

ORDERS = 200
THREADS = 4
MAX_WAIT_SECONDS = 60
POLL_SECONDS = 0.2
COLUMNS = (
    f"{ORDERS} from {THREADS} threads",
    "Per s",
    "Time relative to empty",
    "p50 ms",
    "p99 ms",
)
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def measure(rounds: int) -> Result:
    """Place orders from several threads, and wait until all are shipped."""
    with Cloud(systems=["orders"]) as cloud:
        bare, orders = Bare(cloud), Orders(cloud)
        bare.run()
        orders.run()
        bare.latencies.clear()
        orders.forget()
        times = interleave({"bare": bare.run, "shipped": orders.run}, rounds, warm_up=False)
    placed = Times(orders.placed)
    result = Result("End to end", COLUMNS)
    result.rows += [
        latency_row(
            "invocations of an empty function", ORDERS, times["bare"], times["bare"], bare.latencies
        ),
        latency_row("orders placed", ORDERS, placed, times["bare"], orders.placing),
        latency_row("**orders shipped**", ORDERS, times["shipped"], times["bare"], orders.shipping),
    ]
    result.notes += [
        "An order takes three functions (place, relay, ship), a transaction, the stream, the bus "
        "and the queue, all in one emulator process.",
        "Latency of placing: of the invocation. Latency of shipping: from the start of that "
        "invocation to `createdAt` of the shipment.",
    ]
    return result


class Bare:
    """Invokes an empty function."""

    def __init__(self, cloud: Cloud) -> None:
        """Deploy the function."""
        self._lambda = cloud.client("lambda")
        self.latencies: list[float] = []
        policy = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        role = cloud.client("iam").create_role(RoleName="bare", AssumeRolePolicyDocument=policy)
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "def handler(event, context):\n    return {}\n")
        self._lambda.create_function(
            FunctionName="bare",
            Runtime="python3.11",
            Role=role["Role"]["Arn"],
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
        )
        self._lambda.get_waiter("function_active_v2").wait(FunctionName="bare")

    def run(self) -> float:
        """Return the seconds of all invocations."""

        def invoke(_number: int) -> None:
            self.latencies.append(timed(lambda: _invoke(self._lambda, "bare", {})))

        return timed(lambda: in_threads(invoke, ORDERS, THREADS))


@dataclass
class Orders:
    """Places orders and waits for their shipments."""

    cloud: Cloud
    placed: list[float] = field(default_factory=list)
    """Seconds until all orders were placed, per run."""
    placing: list[float] = field(default_factory=list)
    """Seconds of the invocation for each order."""
    shipping: list[float] = field(default_factory=list)
    """Seconds from the start of the invocation to the shipment of each order."""

    def __post_init__(self) -> None:
        """Set up the client."""
        self._outputs = self.cloud.outputs["orders"]
        self._lambda = self.cloud.client("lambda")
        self._started: dict[str, float] = {}

    def forget(self) -> None:
        """Discard the measurements so far."""
        for each in (self.placed, self.placing, self.shipping):
            each.clear()

    def run(self) -> float:
        """Return the seconds from the first invocation to the last shipment."""
        self._started = {}
        begun = time.time()
        self.placed.append(timed(lambda: in_threads(self._place, ORDERS, THREADS)))
        shipped = self._await_shipments()
        self.shipping += [shipped[order] - self._started[order] for order in self._started]
        return max(shipped[order] for order in self._started) - begun

    def _place(self, number: int) -> None:
        started = time.time()
        key = f"{started}-{number}"
        answer = _invoke(self._lambda, self._outputs["placeOrderFunction"], request(key))
        self.placing.append(time.time() - started)
        if answer.get("statusCode") != 201:
            raise RuntimeError(f"the order was not placed: {answer}")
        self._started[json.loads(answer["body"])["orderId"]] = started

    def _await_shipments(self) -> dict[str, float]:
        """Return the time of each shipment in seconds since 1970."""
        pages = self.cloud.client("dynamodb").get_paginator("scan")
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while time.monotonic() < deadline:
            scanned = pages.paginate(TableName=self._outputs["shipmentsTable"])
            items = [item for page in scanned for item in page["Items"]]
            shipped = {item["orderId"]["S"]: _seconds(item["createdAt"]["S"]) for item in items}
            if shipped.keys() >= self._started.keys():
                return shipped
            time.sleep(POLL_SECONDS)
        missing = len(self._started.keys() - shipped.keys())
        raise RuntimeError(f"{missing} orders are not shipped after {MAX_WAIT_SECONDS} s")


def _invoke(client: Any, function: str, event: dict[str, Any]) -> dict[str, Any]:
    response = client.invoke(FunctionName=function, Payload=json.dumps(event))
    answer: dict[str, Any] = json.loads(response["Payload"].read())
    if "FunctionError" in response:
        raise RuntimeError(f"{function}: {answer}")
    return answer


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
