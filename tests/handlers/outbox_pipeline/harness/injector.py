"""Faults before and after the AWS calls of a function, injected through botocore's hooks.

The clients do not retry, so that every fault reaches our code.
"""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from aws_clients import CONFIG
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from local.emulator.process import Emulator

from ...aws import make_clients

SINGLE_ATTEMPT = CONFIG.merge(
    Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        parameter_validation=False,  # off for speed; tests without faults have it on
    )
)

FAULTS = ("crash before", "throttle", "crash after", "lost answer")

_THROTTLES = {
    "S3": "SlowDown",
    "EventBridge": "ThrottlingException",
    "DynamoDB": "ProvisionedThroughputExceededException",
}


class Crash(BaseException):
    """The end of the process. `except Exception` does not catch it."""


class Injector:
    """The clients of one function, with faults in their calls."""

    def __init__(self, emulator: Emulator) -> None:
        self.calls: list[str] = []
        self.injected = 0
        self._choose: Callable[[int], str | None] = lambda number: None
        self._fault: str | None = None
        self.clients = make_clients(emulator, "dynamodb", "events", "s3", config=SINGLE_ATTEMPT)
        for client in vars(self.clients).values():
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)

    def arm(self, number: int, fault: str) -> None:
        """Make the call with this number, counted from now, fail once."""
        self.count_only()
        self._choose = lambda call: fault if call == number else None

    def arm_at_random(self, random_: random.Random, share: float) -> None:
        """Make a share of all further calls fail."""
        self.count_only()
        self._choose = lambda call: random_.choice(FAULTS) if random_.random() < share else None

    def count_only(self) -> None:
        """Count all further calls without faults."""
        self.calls.clear()
        self._choose = lambda number: None

    def _before(self, model: Any, **_: Any) -> Any:
        self._fault = self._choose(len(self.calls))
        self.calls.append(model.name)
        if self._fault:
            self.injected += 1
        if self._fault == "crash before":
            raise Crash
        if self._fault == "throttle":
            code = _THROTTLES[str(model.service_model.service_id)]
            return SimpleNamespace(status_code=400), {
                "Error": {"Code": code, "Message": ""},
                "ResponseMetadata": {},
            }
        return None

    def _after(self, **_: Any) -> None:
        if self._fault == "crash after":
            raise Crash
        if self._fault == "lost answer":
            raise ReadTimeoutError(endpoint_url="https://aws")
