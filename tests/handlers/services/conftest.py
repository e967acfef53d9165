"""Fixtures for services that run in this process with emulated AWS and real stores."""

from collections.abc import Callable, Iterator

import pytest

from local.emulator.process import Emulator
from tests.emulator.cloud import Cloud
from tests.emulator.stores import Stores, acting_as, admit, connects, uses


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """An emulator of the module's own, whose stores it may stop."""
    with Emulator() as running:
        yield Cloud(running)


@pytest.fixture(scope="module")
def stores(cloud: Cloud) -> Iterator[Stores]:
    made = Stores(cloud)
    yield made
    made.close()


@pytest.fixture
def acting(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> Iterator[Callable[[object], None]]:
    """Sign tokens with the credentials of a role."""
    entered = []

    def act(role: object) -> None:
        made = acting_as(role, monkeypatch)
        made.__enter__()
        entered.append(made)

    yield act
    for each in reversed(entered):
        each.__exit__(None, None, None)


__all__ = ["acting", "admit", "cloud", "connects", "stores", "uses"]
