"""`python -m local devices`: publishes to the running telemetry system as a fleet of devices."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from local.devices.check import reason
from local.devices.fleet import Broker, Device, fleet
from local.devices.plan import BAD, Message, Plan, Shares
from local.emulator.clients import Clients
from local.errors import LocalError
from local.folder import Folder

_SHOW_SECONDS = 0.2
_CONFIRM_SECONDS = 180.0


@dataclass(frozen=True)
class Options:
    """The options of the command."""

    devices: int
    records: int
    rate: float
    """Messages per second of all devices together. 0: unlimited."""
    shares: Shares
    hours: float
    seed: int


def run(folder: Folder, options: Options) -> int:
    """Publish messages and print the progress.

    Raises:
        LocalError: the telemetry system does not run here, or a device is rejected.
    """
    if folder.owner() is None or not folder.outputs.exists():
        raise LocalError("nothing runs here; `make up` starts it")
    outputs = json.loads(folder.outputs.read_text("utf-8"))
    if "telemetry" not in outputs:
        raise LocalError("the stack that runs here has no system telemetry")
    endpoint = folder.endpoint()
    iot = Clients(endpoint, folder.secret()).get("iot", "us-east-1", {})
    counts = publish(iot, endpoint, outputs["telemetry"], options, _show)
    good = counts["good"] + counts["late"]
    bad = sum(counts[reason] for reason in BAD)
    print(
        f"\nsent {counts.total()} messages of {options.devices} devices: {good} valid "
        f"({counts['late']} late), {counts['duplicate']} repeated, {bad} bad"
    )
    print("they reach the lake after the buffering interval; the page shows them a little later")
    return 0


def publish(
    iot: Any, endpoint: str, outputs: dict[str, str], options: Options, show: Any
) -> "Counter[str]":
    """Publish the messages of a plan and return the number of confirmed messages of each kind."""
    run_ = f"{int(time.time()):x}"[-4:]
    names = [f"device-{run_}-{number:03d}" for number in range(1, options.devices + 1)]
    plan = Plan(names, options.shares, options.seed or time.time_ns(), options.hours)
    counts: Counter[str] = Counter()
    show(f"connecting {options.devices} devices")
    with fleet(
        iot, names, outputs["thingPolicy"], Broker.of(endpoint, outputs["iotEndpoint"])
    ) as devices:
        messages = plan.messages(options.records, int(time.time() * 1000))
        started = time.monotonic()
        for message in send(devices, outputs["topic"], _paced(messages, options.rate)):
            counts[message.kind] += 1
            if counts.total() % 50 == 0:
                rate = counts.total() / (time.monotonic() - started)
                show(f"{counts.total()} of {options.records} messages, {rate:.0f} per second")
    return counts


def send(devices: dict[str, Device], topic: str, messages: Iterable[Message]) -> Iterator[Message]:
    """Publish each message from its device and yield it. Ends when all are confirmed."""
    waiting = []
    for message in messages:
        found = reason(message.payload, message.device)
        if found != (message.kind if message.kind in BAD else ""):
            raise LocalError(
                f"schemas/telemetry.yaml has changed: unexpected result '{found or 'good'}'"
            )
        device = devices[message.device]
        waiting.append(device.publish(f"{topic}/{device.name}", message.payload))
        yield message
    deadline = time.monotonic() + _CONFIRM_SECONDS
    for info in waiting:
        info.wait_for_publish(max(0.01, deadline - time.monotonic()))
        if not info.is_published():
            raise LocalError("the broker did not confirm all messages")


def _paced(messages: Iterable[Message], rate: float) -> Iterator[Message]:
    started = time.monotonic()
    for number, message in enumerate(messages):
        if rate:
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
        yield message


class _Line:
    """A progress line on the terminal."""

    def __init__(self) -> None:
        self._shown = 0.0

    def __call__(self, text: str) -> None:
        if time.monotonic() - self._shown > _SHOW_SECONDS:
            self._shown = time.monotonic()
            print(f"\r{text:<60}", end="", flush=True)


_show = _Line()
