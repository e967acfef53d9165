"""Crashes, throttles and lost answers at every AWS call: each accepted order is shipped once.

Run with -s to see the counts as they come.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.chance import chance
from tests.handlers.aws import emulator_environment
from tests.handlers.events import row
from tests.handlers.outbox_pipeline.deployed import deploy_relay
from tests.handlers.outbox_pipeline.harness.injector import FAULTS
from tests.handlers.outbox_pipeline.harness.stream_mapping import StreamMapping
from tests.handlers.outbox_pipeline.harness.system import System
from tools.recover.__main__ import main

ROUNDS = int(os.environ.get("SOAK_ROUNDS") or 8)
TOTALS: Counter[str] = Counter()


def tell(name: str, system: System) -> None:
    counts = vars(system.counts())
    TOTALS.update(counts, runs=1)
    print(f"\n{name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))


def scenario(system: System, name: str, function: str, arm=lambda: None) -> list[str]:
    """Send some orders through; `arm` right before the function's turn. Return its calls."""
    injector = system.faults[function]
    if function == "place_order":
        arm()
        system.place_some(name, 2)
        calls = list(injector.calls)
        injector.count_only()
        system.settle()
    else:
        system.place_some(name, 2 if function == "sweeper" else 4)
        if function in ("relay", "sweeper"):
            system.put_poison(name)
        if function == "relay":
            arm()
            system.stream.poll()
        elif function == "sweeper":
            system.stream.skip()
            arm()
            system.sweep()
        else:
            system.stream.poll()
            arm()
            system.queue.poll()
        calls = list(injector.calls)
    system.recover()
    system.check_shipments()
    return calls


@pytest.mark.parametrize("function", ["place_order", "relay", "sweeper", "ship_order"])
def test_every_fault_at_every_call(emulator, function):
    system = System(emulator, chance(1))
    injector = system.faults[function]
    calls = scenario(system, "clean", function, injector.count_only)
    for number in range(len(calls)):
        for fault in FAULTS:
            before = injector.injected
            scenario(
                system,
                f"{fault}-{number}".replace(" ", "-"),
                function,
                lambda n=number, f=fault: injector.arm(n, f),
            )
            assert injector.injected == before + 1, f"call {number} was not made"
    system.check_all()
    print(f"\ncalls of {function}: {dict(Counter(calls))}")
    tell(function, system)


@pytest.mark.timeout(60 * ROUNDS)
def test_soak_of_random_faults(emulator):
    """All functions at once, deliveries repeated and in any order; the seed makes it repeatable."""
    random_ = chance(2026)
    system = System(emulator, random_, repeat_share=0.1)
    for number in range(ROUNDS):
        for injector in system.faults.values():
            injector.arm_at_random(random_, 0.04)
        system.place_some(f"soak-{number}", 210)
        system.put_poison(f"soak-{number}")
        system.settle()
    system.recover()
    system.check_all()
    tell("soak", system)


def test_poison_that_only_looks_curable(emulator, monkeypatch, tmp_path, capsys):
    """An event that the bus never takes, though it says "try again": the mapping gives it up."""
    system = System(emulator, chance(3))
    world = system.world
    system.place_some("before", 6)
    poison = row("poison", pending=None)  # so that the sweeper leaves it to the failure store
    world.put_rows(poison)
    system.place_some("after", 6)
    on_queue: list[int] = []

    def first_attempt(event):
        response = system.relay(event)
        arrived = world.sqs.get_queue_attributes(
            QueueUrl=world.queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        on_queue.append(int(arrived["Attributes"]["ApproximateNumberOfMessages"]))
        return response

    with refusing(system.faults["relay"].clients.events, "poison-1"):
        StreamMapping(world, first_attempt, chance(3)).poll()

    assert on_queue[0] == len(system.accepted) == 12, "the poison delayed other orders"
    assert len(on_queue) == 11  # one attempt and ten retries, by then of the poison's part only
    system.queue.poll()
    system.check_shipments()
    [document] = world.objects(world.failures).values()
    kept = [each["dynamodb"]["NewImage"] for each in json.loads(document["payload"])["Records"]]
    assert kept[0] == poison

    outputs = {"relayFunction": deploy_relay(world), "failuresBucket": world.failures}
    (tmp_path / "outputs.json").write_text(json.dumps({"orders": outputs}))
    for name, value in emulator_environment(emulator).items():
        monkeypatch.setenv(name, value)
    assert main(["orders", "--outputs", str(tmp_path / "outputs.json")]) == 0
    system.accepted.add("poison")
    system.queue.poll()
    system.check_shipments()
    assert world.objects(world.failures) == {}
    tell("poison", system)


@contextmanager
def refusing(events: Any, event_id: str) -> Iterator[None]:
    """Let PutEvents answer InternalFailure for one event, and keep it from the bus."""
    refused: list[int] = []

    def divert(params, **_):
        refused[:] = [i for i, each in enumerate(params["Entries"]) if event_id in each["Detail"]]
        for i in refused:
            params["Entries"][i] = {**params["Entries"][i], "EventBusName": "nowhere"}

    def refuse(parsed, **_):
        for i in refused:
            parsed["Entries"][i] = {"ErrorCode": "InternalFailure", "ErrorMessage": ""}
        parsed["FailedEntryCount"] = len(refused)

    hooks = events.meta.events
    hooks.register("provide-client-params.eventbridge.PutEvents", divert)
    hooks.register("after-call.eventbridge.PutEvents", refuse)
    yield
    hooks.unregister("provide-client-params.eventbridge.PutEvents", divert)
    hooks.unregister("after-call.eventbridge.PutEvents", refuse)


def test_enough_was_done(record_property):
    """At least 2,000 orders, if all tests of this file ran."""
    counts = ", ".join(f"{count} {name}" for name, count in TOTALS.items())
    record_property("summary", f"faults: {counts}")
    if TOTALS["runs"] == 6:
        assert TOTALS["shipped"] == TOTALS["accepted"] >= 2000
