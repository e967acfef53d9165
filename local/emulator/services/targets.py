"""The targets of a load balancer's target groups: health checks, draining, and which one is next.

AWS: "Health checks for Application Load Balancer target groups", "Edit target group attributes for
your Application Load Balancer".
"""

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from . import pace

TICK = 0.05
INITIAL, HEALTHY, UNHEALTHY, DRAINING = "initial", "healthy", "unhealthy", "draining"
Key = tuple[str, int]
"""The ID of a target, which is an address, and its port: several are at one address here."""


@dataclass(frozen=True)
class HealthCheck:
    """The settings of a target group's health check."""

    interval: float
    timeout: float
    path: str
    port: int | None
    """None: the port of the target."""
    healthy: int
    """Successes in a row that make an unhealthy target healthy."""
    unhealthy: int
    """Failures in a row that make a target unhealthy."""
    matcher: str

    def matches(self, status: int) -> bool:
        """Return whether the status is among those of the matcher, such as `200,202-204`."""
        for part in self.matcher.split(","):
            first, _dash, last = part.partition("-")
            if int(first) <= status <= int(last or first):
                return True
        return False


@dataclass(eq=False)
class Target:
    """A registered target."""

    id: str
    port: int
    state: str = INITIAL
    reason: str = "Elb.RegistrationInProgress"
    successes: int = 0
    failures: int = 0
    busy: int = 0
    """Requests in flight."""
    due: float = 0.0
    """When the next health check begins."""
    drained: float = 0.0
    """When draining ends at the latest."""
    registered: float = field(default_factory=time.monotonic)


class Targets:
    """All targets by target group. It is thread-safe, and starts a thread for the first target."""

    def __init__(self, check: Callable[[str], HealthCheck | None]) -> None:
        """`check` returns the health check of a target group, or None if the group is gone."""
        self._check_of = check
        self._groups: dict[str, dict[Key, Target]] = {}
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def register(self, group: str, keys: Iterable[Key]) -> None:
        """Add targets. One that is draining becomes a new target."""
        with self._lock:
            known = self._groups.setdefault(group, {})
            for key in keys:
                if key not in known or known[key].state == DRAINING:
                    known[key] = Target(*key)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def deregister(self, group: str, keys: Iterable[Key], delay: float) -> None:
        """Drain targets, at most `delay` seconds. They get no new requests."""
        with self._lock:
            known = self._groups.get(group, {})
            for key in keys:
                target = known.get(key)
                if target and target.state != DRAINING:
                    target.state, target.reason = DRAINING, "Target.DeregistrationInProgress"
                    target.drained = time.monotonic() + delay

    def of(self, group: str) -> list[Target]:
        """Return the targets of a group."""
        with self._lock:
            return list(self._groups.get(group, {}).values())

    def state(self, key: Key, groups: Iterable[str]) -> str | None:
        """Return the state of a target in the first of the groups that has it."""
        with self._lock:
            found = (self._groups.get(group, {}).get(key) for group in groups)
            return next((each.state for each in found if each), None)

    def await_drained(self, key: Key) -> None:
        """Wait until no group has a draining target of this key."""
        while self._draining(key):
            time.sleep(TICK)

    def take(self, group: str, algorithm: str) -> Target | None:
        """Return the target of the next request, counted as busy, or None if there is none.

        Without a healthy one, requests go to all unhealthy ones ("fail open").
        """
        with self._lock:
            known = list(self._groups.get(group, {}).values())
            pool = [each for each in known if each.state == HEALTHY]
            pool = pool or [each for each in known if each.state == UNHEALTHY]
            if not pool:
                return None
            if algorithm == "least_outstanding_requests":
                least = min(each.busy for each in pool)
                pool = [each for each in pool if each.busy == least]
            chosen = random.choice(pool)
            chosen.busy += 1
            return chosen

    def release(self, target: Target) -> None:
        """Count a request of a target as done."""
        with self._lock:
            target.busy -= 1

    def groups(self) -> list[str]:
        """Return the target groups that have had targets."""
        with self._lock:
            return list(self._groups)

    def clear(self) -> None:
        """Forget all targets."""
        with self._lock:
            self._groups.clear()

    def _draining(self, key: Key) -> bool:
        with self._lock:
            found = [known[key] for known in self._groups.values() if key in known]
            return any(each.state == DRAINING for each in found)

    def _run(self) -> None:
        while True:
            for target, check in self._due():
                threading.Thread(target=self._probe, args=(target, check), daemon=True).start()
            time.sleep(TICK)

    def _due(self) -> list[tuple[Target, HealthCheck]]:
        """Remove what is drained, and return the targets whose next check is due."""
        now, due = time.monotonic(), []
        with self._lock:
            for group, known in list(self._groups.items()):
                check = self._check_of(group)
                if check is None:
                    del self._groups[group]
                    continue
                for key, target in list(known.items()):
                    if target.state != DRAINING and target.due <= now:
                        # The next check begins after the end of this one.
                        target.due = float("inf")
                        due.append((target, check))
                    elif target.state == DRAINING and (target.busy == 0 or target.drained <= now):
                        del known[key]
        return due

    def _probe(self, target: Target, check: HealthCheck) -> None:
        answered, reason = _ask(target, check)
        with self._lock:
            target.due = time.monotonic() + check.interval * pace.HEALTH_CHECK
            if target.state != DRAINING:
                _judge(target, check, answered, reason)


def _ask(target: Target, check: HealthCheck) -> tuple[bool, str]:
    """Return whether the target answered at all, and why it is not healthy; "" if it is."""
    connection = http.client.HTTPConnection(
        target.id, check.port or target.port, timeout=check.timeout
    )
    try:
        connection.request("GET", check.path, headers={"User-Agent": "ELB-HealthChecker/2.0"})
        status = connection.getresponse().status
    except TimeoutError:
        return False, "Target.Timeout"
    except (OSError, http.client.HTTPException):
        return False, "Target.FailedHealthChecks"
    finally:
        connection.close()
    return True, "" if check.matches(status) else "Target.ResponseCodeMismatch"


def _judge(target: Target, check: HealthCheck, answered: bool, reason: str) -> None:
    if not reason:
        target.successes, target.failures = target.successes + 1, 0
        # One success is enough for a new target.
        if target.successes >= (1 if target.state == INITIAL else check.healthy):
            target.state, target.reason = HEALTHY, ""
        return
    target.successes, target.failures = 0, target.failures + 1
    # A process needs as long to start as on AWS, whatever the pace of the checks here.
    starting = target.state == INITIAL and not answered
    patience = check.interval * check.unhealthy if starting else 0.0
    if target.failures >= check.unhealthy and time.monotonic() - target.registered >= patience:
        target.state, target.reason = UNHEALTHY, reason
