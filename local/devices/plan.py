"""The messages of the devices: valid readings, and a share of bad, repeated and late ones."""

import json
import math
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE

BAD = ("not-json", "missing-field", "wrong-type", "out-of-range", "unknown-field", "wrong-device")
"""The reasons for which bad messages are rejected, in turn."""


@dataclass(frozen=True)
class Message:
    """One message of one device."""

    device: str
    payload: bytes
    kind: str
    """`good`, `late`, `duplicate`, or the reason for which it is rejected."""


@dataclass(frozen=True)
class Shares:
    """Shares of messages, 0 to 1."""

    bad: float = 0.02
    duplicate: float = 0.03
    late: float = 0.05


class Plan:
    """An endless series of messages. The same seed gives the same messages except for times.

    Of every hundred messages, exactly the given shares are bad, repeated and late.
    """

    def __init__(
        self, devices: Sequence[str], shares: Shares, seed: int = 0, hours: float = 0
    ) -> None:
        """Create a plan.

        Args:
            devices: their names; they take turns.
            shares: how many messages are not as they should be.
            seed: of all that is random.
            hours: how far back the times of good readings are spread.
        """
        self._devices = devices
        self._shares = shares
        self._random = random.Random(seed)
        self._spread = int(hours * 60 * _MINUTE)
        self._sent: dict[str, bytes] = {}
        self._bad = 0

    def messages(self, count: int, now: int) -> Iterator[Message]:
        """Yield the next messages, with readings up to `now` (ms since 1970)."""
        for number in range(count):
            device = self._devices[number % len(self._devices)]
            yield self._message(device, self._kind(number), now)

    def _kind(self, number: int) -> str:
        """Return the kind of a message by its place in the hundred; kinds are spread evenly."""
        place = (number * 37 + number // 100 * 11) % 100
        for kind in ("bad", "duplicate", "late"):
            place -= round(getattr(self._shares, kind) * 100)
            if place < 0:
                return kind
        return "good"

    def _message(self, device: str, kind: str, now: int) -> Message:
        if kind == "bad":
            reason = BAD[self._bad % len(BAD)]
            self._bad += 1
            return Message(device, self._bad_reading(device, reason, now), reason)
        if kind == "duplicate" and device in self._sent:
            return Message(device, self._sent[device], "duplicate")
        ago = self._random.randint(2 * 60 * _MINUTE, 3 * _DAY) if kind == "late" else 0
        ago = ago or (self._random.randint(0, self._spread) if self._spread else 0)
        payload = _text(self._reading(device, now - ago))
        if kind != "late":
            self._sent[device] = payload
        return Message(device, payload, "late" if kind == "late" else "good")

    def _reading(self, device: str, measured_at: int) -> dict[str, Any]:
        random_, number = self._random, self._devices.index(device)
        warmth = math.sin((measured_at % _DAY / _DAY - 0.35) * 2 * math.pi)
        reading: dict[str, Any] = {
            "schema_version": 1 + number % 2,
            "reading_id": str(uuid.UUID(int=random_.getrandbits(128), version=4)),
            "device_id": device,
            "measured_at": measured_at,
            "temperature": round(14 + number % 7 + 6 * warmth + random_.gauss(0, 0.8), 2),
        }
        if number % 5:
            reading["humidity"] = round(min(100, max(0, 60 - 15 * warmth + random_.gauss(0, 4))), 1)
        if reading["schema_version"] == 2:
            reading["battery"] = round(3.9 - random_.random() * 0.6, 3)
            reading["firmware"] = "2.1.4"
            reading["state"] = random_.choices(("ok", "degraded", "maintenance"), (95, 4, 1))[0]
        return reading

    def _bad_reading(self, device: str, reason: str, now: int) -> bytes:
        reading = self._reading(device, now)
        if reason == "not-json":
            return b"\xff\xfe" + _text(reading)
        if reason == "missing-field":
            del reading["temperature"]
        elif reason == "wrong-type":
            reading["temperature"] = "warm"
        elif reason == "out-of-range":
            reading["temperature"] = 900
        elif reason == "unknown-field":
            reading["password"] = "hunter2"
        else:
            reading["device_id"] = "somebody-else"
        return _text(reading)


def _text(reading: dict[str, Any]) -> bytes:
    return json.dumps(reading, separators=(",", ":")).encode()
