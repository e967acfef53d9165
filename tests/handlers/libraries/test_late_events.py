"""Events of several types in any order, repeated, dead-lettered and brought back: none is lost."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from inbox import Inbox, Outcome, OutOfOrder

from tests.chance import chance

STREAMS, TYPES = 12, ("Placed", "ItemAdded", "Refunded", "Moved", "Closed")
MAX_RECEIVES = 3


@dataclass
class Queue:
    """A queue without an order, whose messages become dead letters after some receives."""

    random: object
    waiting: list[tuple[str, int]]
    dead: list[tuple[str, int]] = field(default_factory=list)
    receives: Counter = field(default_factory=Counter)

    def receive(self):
        return self.waiting.pop(self.random.randrange(len(self.waiting)))

    def failed(self, message) -> None:
        self.receives[message] += 1
        if self.receives[message] % MAX_RECEIVES:
            self.waiting.append(message)
        else:
            self.dead.append(message)

    def redrive(self) -> int:
        moved, self.waiting, self.dead = len(self.dead), self.dead, []
        return moved


@pytest.mark.parametrize("ordering", ["each", "latest", "in_order"])
def test_no_event_is_lost(world, ordering, record_property):
    random = chance(7)
    inbox = Inbox(world.inbox, world.dynamodb, ordering)
    events = [(f"s{n}", sequence) for n in range(STREAMS) for sequence in range(1, len(TYPES) + 1)]
    queue = Queue(random, events + random.sample(events, len(events) // 3))
    counts: Counter[str] = Counter()
    applied: list[tuple[str, int]] = []
    while queue.waiting:
        stream, sequence = message = queue.receive()
        lost_answer = random.random() < 0.1
        try:
            if random.random() < 0.3:
                raise ConnectionError
            outcome = inbox.apply(
                f"{stream}-{sequence}", stream, sequence, [effect(world, stream, sequence)]
            )
            if outcome is Outcome.APPLIED:
                applied.append(message)
            counts[outcome.value] += 1
            if lost_answer:
                raise ConnectionError
        except (ConnectionError, OutOfOrder) as error:
            counts[type(error).__name__] += 1
            queue.failed(message)
        if not queue.waiting:
            counts["redriven"] += queue.redrive()
    record_property("summary", f"late events, {ordering}: {dict(counts)}")
    assert counts["redriven"] > 0 and counts["duplicate"] > 0
    check(world, ordering, events, applied, counts)


def effect(world, stream, sequence):
    """Add one to the count of the event's type, and note the last sequence."""
    return {
        "Update": {
            "TableName": world.shipments,
            "Key": {"orderId": {"S": stream}},
            "UpdateExpression": "SET seen = :sequence ADD #type :one",
            "ExpressionAttributeNames": {"#type": TYPES[sequence - 1]},
            "ExpressionAttributeValues": {":sequence": {"N": str(sequence)}, ":one": {"N": "1"}},
        }
    }


def check(world, ordering, events, applied, counts) -> None:
    items = {item["orderId"]["S"]: item for item in world.items(world.shipments)}
    assert len(items) == STREAMS
    assert len(applied) == len(set(applied))
    if ordering == "latest":
        assert {item["seen"]["N"] for item in items.values()} == {str(len(TYPES))}
        assert counts["superseded"] > 0
        return
    assert sorted(applied) == sorted(events) and "superseded" not in counts
    assert all(item[type_] == {"N": "1"} for item in items.values() for type_ in TYPES)
    if ordering == "in_order":
        for stream in items:
            mine = [sequence for name, sequence in applied if name == stream]
            assert mine == sorted(mine)
        assert counts["OutOfOrder"] > 0
