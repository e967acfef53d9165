"""The metrics of load balancers in the emulated CloudWatch, whose alarms then act.

AWS: "CloudWatch metrics for your Application Load Balancer".
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable

from ministack.core.responses import request_scope

NAMESPACE = "AWS/ApplicationELB"
TICK = 0.5
Measured = tuple[str, str, str, float]
"""(load balancer's ARN, target group's ARN or "", name, value)"""


class Metrics:
    """Counts requests, and publishes the counts in a thread."""

    def __init__(self, measure: Callable[[], Iterable[Measured]]) -> None:
        """`measure` returns what is published besides the counts."""
        self._measure = measure
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def count(self, balancer: str, group: str, name: str) -> None:
        """Count a request, for the load balancer and for the target group if there is one."""
        with self._lock:
            for each in {group, ""}:
                self._counts[balancer, each, name] += 1

    def start(self) -> None:
        """Publish from now on. Has no effect a second time."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def clear(self) -> None:
        """Forget the counts that are not published."""
        with self._lock:
            self._counts.clear()

    def _run(self) -> None:
        while True:
            time.sleep(TICK)
            self.publish()

    def publish(self) -> None:
        """Publish the counts since the last time, and let the alarms look at them."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        measured = [(*key, float(number)) for key, number in counts.items()]
        for each in [*measured, *self._measure()]:
            _put(*each)


def _put(balancer: str, group: str, name: str, value: float) -> None:
    # Imported late: a program without load balancers needs no CloudWatch.
    from ministack.services import cloudwatch

    dimensions = {"LoadBalancer": balancer.partition("loadbalancer/")[2]}
    if group:
        dimensions["TargetGroup"] = group.rpartition(":")[2]
    _arn, _aws, _service, region, account, _rest = balancer.split(":", 5)
    with request_scope(account, region):
        cloudwatch._store_datum(
            NAMESPACE, name, dimensions, time.time(), "Count", value, None, None, None
        )
        cloudwatch._evaluate_all_alarms()
