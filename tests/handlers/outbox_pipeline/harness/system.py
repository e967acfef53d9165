"""The whole orders system with faults in its functions, and the check of its final state."""

import json
import random
from collections import Counter
from types import SimpleNamespace
from typing import Any

from outbox_pipeline.relay import app

from local.emulator.process import Emulator

from ...events import Context, order, proxy, row
from ..world import World
from .injector import Crash, Injector
from .queue_mapping import QueueMapping
from .stream_mapping import StreamMapping

ENTRY_LIMIT = 4096
"""Small, so that some orders use the claim check."""


class System:
    """Places orders, processes all events, and counts the accepted orders."""

    def __init__(
        self, emulator: Emulator, random_: random.Random, repeat_share: float = 0.0
    ) -> None:
        self.world = world = World(emulator)
        self.faults = {
            name: Injector(emulator) for name in ("place_order", "relay", "sweeper", "ship_order")
        }
        self.accepted: set[str] = set()
        self.rejected = 0
        self.requests = 0
        self.poison: dict[str, dict[str, Any]] = {}
        self._random = random_
        clients = {name: each.clients for name, each in self.faults.items()}
        self._place = world.place_order(clients["place_order"])
        self._place._placing._pauses = (0, 0)
        self.publisher = world.publisher(clients["relay"], entry_limit=ENTRY_LIMIT, pauses=(0, 0))
        self.stream = StreamMapping(world, self.relay, random_, repeat_share=repeat_share)
        sweeping = world.publisher(clients["sweeper"], entry_limit=ENTRY_LIMIT, pauses=(0, 0))
        self._sweep = world.sweep(clients["sweeper"], resend_after_seconds=0, publisher=sweeping)
        ship = world.ship_order(clients["ship_order"])
        self.queue = QueueMapping(world, ship, random_, repeat_share=repeat_share)
        self._shipments = world.stream(world.shipments)
        self.effects: Counter[str] = Counter()

    def relay(self, event: dict[str, Any]) -> dict[str, Any]:
        return app.relay(event, Context(), self.publisher)

    # Callers

    def place(self, key: str, **changes: Any) -> int:
        """Place an order, repeat the request until there is a response, and count it."""
        event = proxy(order(**changes), key)
        for _ in range(50):
            self.requests += 1
            try:
                response = self._place(event)
            except Crash:
                continue
            if response["statusCode"] < 500:
                break
        else:
            raise AssertionError("no answer in 50 attempts")
        if response["statusCode"] in (200, 201):
            self.accepted.add(json.loads(response["body"])["orderId"])
        else:
            self.rejected += 1
        return int(response["statusCode"])

    def place_some(self, name: str, count: int) -> None:
        """Place orders of every kind: repeated, large, with an invalid body or an invalid key."""
        for number in range(count):
            key = f"{name}-{number}"
            note = "é" * 2000 if number % 20 == 1 else "none"
            assert self.place(key, note=note) in (200, 201)
            if number % 5 == 0:
                assert self.place(key, note=note) == 200
            if number % 6 == 0:
                assert self.place(key, note="another order") == 409
            if number % 4 == 0:
                assert self.place(f"{key}-bad", currency="euros") == 400

    def put_poison(self, name: str) -> None:
        """Write rows that a bus rejects: one has no detail, one has a source reserved by AWS."""
        for kind, change in (("torn", {"detail": None}), ("aws", {"source": {"S": "aws.x"}})):
            poison = row(f"{name}-{kind}", **change)
            self.poison[poison["eventId"]["S"]] = poison
            self.world.put_rows(poison)

    # Processing

    def sweep(self) -> None:
        try:
            self._sweep(lambda: True)
        except (Crash, Exception):
            return  # the next run starts in a minute

    def settle(self, sweeps: int = 1) -> None:
        """Process events until there are none left."""
        self.stream.poll()
        self.queue.poll()
        for _ in range(sweeps):
            self.sweep()
            self.queue.poll()

    def recover(self) -> None:
        """Stop the faults and let the sweeper resend the remaining events."""
        for injector in self.faults.values():
            injector.count_only()
        self.settle()

    # Checks

    def check_shipments(self) -> None:
        """Assert that every accepted order has one shipment and that none was overwritten."""
        for record in next(self._shipments):
            assert record["eventName"] == "INSERT", "a shipment was written twice"
            self.effects[record["dynamodb"]["Keys"]["orderId"]["S"]] += 1
        assert set(self.effects) == self.accepted
        assert set(self.effects.values()) <= {1}

    def check_all(self) -> None:
        """Assert the exact contents of the tables and the failure store."""
        self.check_shipments()
        world = self.world
        assert {item["orderId"]["S"] for item in world.items(world.shipments)} == self.accepted
        assert {item["orderId"]["S"] for item in world.items(world.orders)} == self.accepted
        rows = world.items(world.outbox)
        events = Counter(
            each["aggregateId"]["S"] for each in rows if each["eventId"]["S"] not in self.poison
        )
        assert events == dict.fromkeys(self.accepted, 2)
        for each in rows:
            assert "pending" not in each, "a row was never marked"
            assert ("parkedAt" in each) == (each["eventId"]["S"] in self.poison)
        parked = world.objects(world.failures)
        assert set(parked) == {f"parked/{event_id}.json" for event_id in self.poison}
        for event_id, poison in self.poison.items():
            [record] = parked[f"parked/{event_id}.json"]["payload"]["Records"]
            assert record["dynamodb"]["NewImage"].items() >= poison.items()

    def counts(self) -> SimpleNamespace:
        return SimpleNamespace(
            accepted=len(self.accepted),
            shipped=sum(self.effects.values()),
            rejected=self.rejected,
            requests=self.requests,
            poison=len(self.poison),
            faults=sum(each.injected for each in self.faults.values()),
            deliveries=self.queue.deliveries,
            batches=self.stream.attempts,
        )
